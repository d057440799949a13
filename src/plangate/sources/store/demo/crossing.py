"""Store records that hang on plans of the Planning Center emulator: one graph over two systems, and its proof."""

from collections.abc import Iterator

from plangate.model import Action, Key, Record, Step, Task

from .people import DEMO, at, on, ref, someone

# Sunday Morning (1001): the Sundays after the reference day; Youth Night (1002): the Wednesday after it.
SUNDAYS = ("1001/70000046", "1001/70000045", "1001/70000052")
YOUTH = "1002/70000088"


def records() -> Iterator[Record]:
    for n, local in enumerate(SUNDAYS):
        plan, week, day = Key(f"planning_center:{local}"), f"pc-sunday-{n + 1}", 2 + 7 * n
        for place, title in enumerate(("Borrow the second projector", "Print the song sheets")):
            yield Task(
                ref(f"{week}-task-{place + 1}"), DEMO, title=title, status="open", is_done=n == place == 0,
                start_time=at(day - 4), due_time=at(day - 1, 17), position=place, assignee=someone(n + place),
                plan=plan, created_at=at(-14), updated_at=at(-1),
            )  # fmt: skip
        yield Action(
            ref(f"{week}-action"), DEMO, title="Thank the hosts by name", status="OPEN", focus_type="recognition",
            due_date=on(day + 1), position=0, assignee=someone(n + 4),
            plan=plan, created_at=at(-14), updated_at=at(-1),
        )  # fmt: skip
    for place, name in enumerate(("Book the bus", "Parents informed")):
        yield Step(
            ref(f"pc-youth-step-{place + 1}"), DEMO, name=name, status="active" if place == 0 else "planned",
            position=place, started_at=at(-3) if place == 0 else None, plan=Key(f"planning_center:{YOUTH}"),
        )  # fmt: skip
