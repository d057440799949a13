"""The plans of Halden Mutual, an insurer that exists only here, and a few of another account."""

from datetime import UTC, datetime, timedelta
from typing import Any

from .accounts import Accounts, Plan, opaque, written

ACCOUNT = "acct-halden"
OTHER_ACCOUNT = "acct-brightwater"

SUBJECTS = (
    "Claims triage copilot",
    "Policy wording comparison",
    "Broker e-mail assistant",
    "Flood risk report",
    "Underwriting Q&A",
    "Complaints root causes",
    "Fraud signals review",
    "Renewal letters in plain English",
    "Loss adjuster's notebook",
    "Regulatory change watch",
    "Call centre summaries",
    "Subrogation search",
)
PHASES = ("discovery", "evaluation set", "pilot", "roll-out")
PEOPLE = (
    ("Ingrid", "Solberg"),
    ("Mateus", "Carvalho"),
    ("Aoife", "Brennan"),
    ("Kenji", "Watanabe"),
    ("Noor", "Haddad"),
)
ROBOT = "svc-plan-importer"
TREE = {
    "research": ("gather sources", "interview experts", "summarise findings"),
    "draft report": ("outline", "write sections", "charts & tables"),
    "review": ("fact check", "legal/compliance"),
}
"""Steps and substeps. Their names have what real keys have: spaces, an ampersand, a slash."""


def fill(accounts: Accounts, scale: int) -> None:
    """48 plans of Halden Mutual, times `scale`, and five of Brightwater."""
    for number, (first, last) in enumerate(PEOPLE):
        id = user(number)
        accounts.users[id] = {
            "id": id, "email": f"{first}.{last}@halden.example".lower(), "first_name": first, "last_name": last,
            "is_organization_admin": number == 0, "preferences": {}, "access_profiles": [],
        }  # fmt: skip
    for round in range(scale):
        for number, subject in enumerate(SUBJECTS):
            for phase, name in enumerate(PHASES):
                title = f"{subject}: {name}" if round == 0 else f"{subject} {round + 1}: {name}"
                accounts.add(_plan(ACCOUNT, title, (round * len(SUBJECTS) + number) * len(PHASES) + phase))
    for number, subject in enumerate(SUBJECTS[:5]):
        accounts.add(_plan(OTHER_ACCOUNT, subject, 1000 + number))


def user(number: int) -> str:
    return opaque("user", number % len(PEOPLE))


def _plan(account: str, title: str, number: int) -> Plan:
    """One plan in seven is made by a service account, one in five has no window, and one in eight is archived."""
    id = opaque(account, "plan", number)
    created = datetime(2026, 1, 5, 8, 30, tzinfo=UTC) + timedelta(hours=31 * number, minutes=7 * (number % 8))
    changed = created + timedelta(hours=5 + number % 90)
    files = [f"file_{opaque(id, 'file', each)[:8]}" for each in range(number % 4)]
    plan: Plan = {
        "id": id,
        "title": title,
        "associated_file_ids": files,
        "steps": _steps(id, number),
        "created_at": written(created),
        "updated_at": written(changed),
        "created_by_user_id": ROBOT if number % 7 == 3 else user(number),
        "created_by_identity_type": "service_account" if number % 7 == 3 else "user",
        "account_id": account,
    }
    if number % 5 != 4:
        plan["start_date"] = written(created.replace(minute=0) + timedelta(days=(11 * number) % 60))
        plan["end_date"] = written(created.replace(minute=0) + timedelta(days=(11 * number) % 60 + 28))
    if number % 8 == 6:
        plan["archived_at"] = written(changed + timedelta(days=20))
    return plan


def _steps(plan: str, number: int) -> dict[str, Any]:
    """A tree of two levels; every ninth plan has none. Of all its members only `threadIds` is documented [S]."""
    if number % 9 == 8:
        return {}
    done = number % 8
    tree: dict[str, Any] = {}
    for at, (step, substeps) in enumerate(TREE.items()):
        below = {
            substep: {
                "threadIds": [
                    f"thread_{opaque(plan, step, substep, each)[:8]}" for each in range(1 + (number + at) % 3)
                ],
                "status": "done" if at * 3 + place < done else "open",
                "progress": round(min(1.0, max(0.0, (done - at * 3 - place) / 2)), 2),
            }
            for place, substep in enumerate(substeps)
        }
        tree[step] = {**below, "threadIds": [], "note": None}
    return tree
