"""Run the peer benchmark lab with Plangate in it: `make bench LAB=path ARGS='--only raw-rows,mercurius-jit'`.

Copies the lab's rows into a database of Plangate's own in the same PostgreSQL (once), tells the lab how to start
Plangate and what to ask it, and hands over to the lab's own harness, with the rest of the arguments.
"""

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path

import asyncpg

from plangate.sources.store import migrate

SERVER = os.environ.get("LAB_DSN", "postgresql://postgres@127.0.0.1:55432")
WORKSPACE = "bench"
PORT = 9131
REST_PORT = 9132

# In the order of Plangate's columns below. Visibility's own words go into `description`: Plangate's enum is in capitals,
# and the lab compares the answers of all peers letter by letter.
COPIES = {
    "service_types(key, workspace, name, frequency, position)": """
        SELECT 'store:' || id, '{w}', name, frequency, position FROM service_types""",
    "people(key, workspace, name, first_name, last_name, email)": """
        SELECT 'store:' || id, '{w}', first_name || ' ' || last_name, first_name, last_name, email FROM people""",
    "plans(key, workspace, private_to, title, description, status, visibility, start_date, end_date, sort_date,"
    " created_at, updated_at, service_type, parent, created_by)": """
        SELECT 'store:' || id, '{w}', CASE visibility WHEN 'private' THEN 'store:' || created_by_id END, title, visibility,
          status, upper(visibility), start_date, end_date, sort_date, created_at, updated_at,
          'store:' || service_type_id, 'store:' || parent_plan_id, 'store:' || created_by_id FROM plans""",
    "actions(key, workspace, private_to, title, description, status, focus_type, due_date, position, plan, assignee)": """
        SELECT 'store:' || a.id, '{w}', CASE visibility WHEN 'private' THEN 'store:' || created_by_id END, a.title,
          a.description, a.status, focus_type, due_date, position, 'store:' || plan_id, 'store:' || assignee_id
        FROM actions a JOIN plans p ON p.id = plan_id""",
    "tasks(key, workspace, private_to, title, status, is_done, start_time, position, plan, assignee)": """
        SELECT 'store:' || t.id, '{w}', CASE visibility WHEN 'private' THEN 'store:' || created_by_id END, t.title,
          t.status, t.status = 'done', start_time, position, 'store:' || plan_id, 'store:' || owner_id
        FROM tasks t JOIN plans p ON p.id = plan_id""",
}

TEN = "id title status visibility: description startDate endDate createdAt updatedAt sortDate serviceTypeId: externalId"
QUERIES = {
    "Q1": f"query Q1($id: ID!) {{ plan(id: $id) {{ {TEN} }} }}",
    "Q2": """query Q2($status: String!) { plans(filter: {status: {eq: $status}}, first: 50) { nodes {
        id title status visibility: description startDate endDate sortDate updatedAt } } }""",
    "Q3": """query Q3($status: String!) { plans(filter: {status: {eq: $status}}, first: 50) { nodes {
        id title status sortDate serviceType { id name } nextPlan { id title sortDate }
        actions(first: 10) { nodes { id title status focusType dueDate assignee { id firstName lastName } } } } } }""",
    "Q4": """query Q4($id: ID!) { plan(id: $id) { ...P subPlans(first: 5) { nodes { ...P
        subPlans(first: 5) { nodes { ...P subPlans(first: 5) { nodes { ...P } } } } } } } }
        fragment P on Plan { id title status tasks(first: 10) { nodes { id title status startTime } } }""",
    "Q5": f"query Q5 {{ plans(first: 1000) {{ nodes {{ {TEN} }} }} }}",
    # The same work by service type instead of by offset, which no connection has; so the answers do not compare.
    "R1": """query R1($id: ID!) { serviceType(id: $id) { plans(first: 25) { nodes {
        id title native { ... on PlanningCenterPlan { dates } } status sortDate
        serviceType { id name } nextPlan { id title sortDate } } } } }""",
}

PEER = f"""
[[peer]]
name = "plangate"
url = "http://127.0.0.1:{PORT}/graphql"
dialect = "ours"
id = "Plan:store:{{}}"
opaque_ids = true
skip = ["Q6"]
cmd = ["{{plangate}}", "serve", "--anonymous", "--port", "{{PORT}}"]
env = {{environment}}

[[peer]]
name = "plangate-rest"
suite = "rest"
url = "http://127.0.0.1:{REST_PORT}/graphql"
dialect = "ours"
id = "ServiceType:planning_center:{{}}"
cmd = ["{{plangate}}", "serve", "--anonymous", "--port", "{REST_PORT}"]
env = {{rest}}
"""

ENVIRONMENT = {
    "PLANGATE_AUTHENTICATION__ANONYMOUS": "true",
    "PLANGATE_AUTHENTICATION__ANONYMOUS_WORKSPACE": WORKSPACE,
    "PLANGATE_AUTHENTICATION__ANONYMOUS_ROLE": "admin",
    "PLANGATE_LOG_LEVEL": "warning",
}
STORE = {"PLANGATE_STORE__URL": f"{SERVER}/plangate", "PLANGATE_STORE__POOL_SIZE": "16"}
REST = {
    "PLANGATE_STORE__URL": "sqlite://",
    "PLANGATE_PLANNING_CENTER__URL": "http://127.0.0.1:9200/services/v2",
    "PLANGATE_PLANNING_CENTER__APP_ID": "app",
    "PLANGATE_PLANNING_CENTER__SECRET": "secret",
    "PLANGATE_PLANNING_CENTER__TIME_ZONE": "UTC",
    "PLANGATE_PLANNING_CENTER__CONCURRENCY": "64",
}


async def load() -> None:
    """Plangate's own database beside the lab's, with the same rows and every index that production has."""
    server = await asyncpg.connect(f"{SERVER}/postgres")
    if not await server.fetchval("SELECT 1 FROM pg_database WHERE datname = 'plangate'"):
        await server.execute("CREATE DATABASE plangate")
    await server.close()
    await migrate(f"{SERVER}/plangate")
    theirs, ours = await asyncpg.connect(f"{SERVER}/peers"), await asyncpg.connect(f"{SERVER}/plangate")
    if not await ours.fetchval("SELECT count(*) FROM plans"):
        for target, query in COPIES.items():
            table, _, columns = target.rstrip(")").partition("(")
            with tempfile.TemporaryFile() as rows:
                await theirs.copy_from_query(query.format(w=WORKSPACE), output=rows)
                rows.seek(0)
                await ours.copy_to_table(table, source=rows, columns=columns.split(", "))
        await ours.execute("VACUUM (FREEZE, ANALYZE)")
    await theirs.close()
    await ours.close()


def prepare(lab: Path, folder: Path) -> list[str]:
    """The lab's own files with Plangate in them."""
    work = (lab / "workloads.toml").read_text()
    for name, query in QUERIES.items():
        work = re.sub(rf"(?m)^\[{name}\]$", lambda m, q=query: f"{m[0]}\ntext.ours = '''{q}'''", work)
    work = re.sub(r"(?m)^(variables\.offset = .*)$", r"\1\nvariables.id = { range = [1, 5] }", work)
    (folder / "workloads.toml").write_text(work)
    peers = PEER.replace("{plangate}", str(Path(sys.executable).parent / "plangate"))
    for mark, environment in (("{environment}", ENVIRONMENT | STORE), ("{rest}", ENVIRONMENT | REST)):
        table = ", ".join(f'{name} = "{value}"' for name, value in environment.items())
        peers = peers.replace(mark, f"{{ {table} }}")
    (folder / "peers.toml").write_text((lab / "peers.toml").read_text() + peers)
    return ["--work", str(folder / "workloads.toml"), "--peers", str(folder / "peers.toml")]


def main() -> None:
    lab = Path(sys.argv[1]).resolve()
    asyncio.run(load())
    folder = Path(tempfile.mkdtemp(prefix="plangate-bench-"))
    command = [str(lab / "bin" / "python"), str(lab / "run.py"), *prepare(lab, folder), *sys.argv[2:]]
    print(" ".join(command), flush=True)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
