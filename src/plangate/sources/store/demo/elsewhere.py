"""Another team's workspace: a few records that nobody in the demo may see."""

from collections.abc import Iterator

from plangate.model import Action, Person, Plan, Record, ServiceType, Task, Visibility

from .people import at, on, ref

ELSEWHERE = "elsewhere"


def records() -> Iterator[Record]:
    zoe = ref("zoe-elsewhere")
    yield Person(zoe, ELSEWHERE, name="Zoe Elsewhere", first_name="Zoe", last_name="Elsewhere")
    yield ServiceType(ref("elsewhere-weekly"), ELSEWHERE, name="Weekly", frequency="Weekly", position=0)
    for n, title in enumerate(("Secret launch", "Secret launch, part two", "Retreat")):
        plan = Plan(
            ref(f"elsewhere-plan-{n + 1}"), ELSEWHERE, title=title, status="draft", visibility=Visibility.TEAM,
            start_date=on(n), sort_date=at(n), created_at=at(-n), service_type=ref("elsewhere-weekly"), created_by=zoe,
        )  # fmt: skip
        yield plan
        yield Action(
            ref(f"elsewhere-action-{n + 1}"), ELSEWHERE, title="Tell nobody", status="OPEN", due_date=on(n),
            position=0, plan=plan.key, assignee=zoe,
        )  # fmt: skip
        yield Task(
            ref(f"elsewhere-task-{n + 1}"), ELSEWHERE, title="Still tell nobody", is_done=False, position=0,
            plan=plan.key, assignee=zoe,
        )  # fmt: skip
