"""A portfolio whose plans have plans, three deep."""

from collections.abc import Iterator

from plangate.model import Action, Key, Plan, Record, Visibility

from .people import DEMO, at, lapped, on, ref, someone

TREE = (
    ("Harbour Campus", (
        ("Site and permits", ("Zoning hearing", "Ground survey")),
        ("Building", ("Foundations", "Frame and roof", "Fit-out")),
        ("Moving in", ("Furniture", "Opening week")),
    )),
)  # fmt: skip
Branch = tuple[str, tuple["Branch | str", ...]]


def records(lap: int) -> Iterator[Record]:
    for branch in TREE:
        yield from plans(branch, None, lap, 0, -120 - 200 * lap)


def plans(branch: "Branch | str", parent: Key | None, lap: int, depth: int, start: int) -> Iterator[Record]:
    title, children = (branch, ()) if isinstance(branch, str) else branch
    local = lapped(title.lower().replace(" ", "-"), lap)
    length = (400, 130, 45)[depth]
    plan = Plan(
        ref(local), DEMO, title=title, status="planned" if start > 0 else "running", visibility=Visibility.TEAM,
        start_date=on(start), end_date=on(start + length), sort_date=at(start), created_at=at(-200 - 200 * lap),
        updated_at=at(-5), completion_percent=max(0, min(100, -100 * start // length)), parent=parent,
        created_by=someone(5), updated_by=someone(6),
    )  # fmt: skip
    yield plan
    yield Action(
        ref(f"{local}-report"), DEMO, title=f"Report on {title.lower()}", status="OPEN", focus_type="reporting",
        due_date=on(start + length), position=0, created_at=at(-100), updated_at=at(-5), plan=plan.key,
        assignee=someone(5 + depth),
    )  # fmt: skip
    for n, child in enumerate(children):
        yield from plans(child, plan.key, lap, depth + 1, start + n * (130, 45, 0)[depth])
