"""A customer-success team's projects with tasks and sub-tasks, and an HR team's action plans."""

from collections.abc import Iterator

from plangate.model import Action, Key, Note, Plan, Record, Step, Task, Visibility

from .people import DEMO, at, lapped, on, person, ref, someone

ACCOUNTS = (
    "Northwind Bakeries", "Halden Shipping", "Quillon Press", "Meridian Clinics", "Tamarind Foods", "Vesper Energy",
)  # fmt: skip
TASKS = (
    ("Kick-off call", ("Send the agenda", "Agree on success criteria")),
    ("Connect their data", ("Collect API keys", "Map the fields", "Dry run")),
    ("Train the champions", ("Book the room",)),
    ("Go live", ()),
    ("Thirty-day review", ("Pull the usage report", "Write the summary")),
)
STAGES = ("Onboarding", "Adoption", "Renewal")
TALKS = (
    ("one-on-ones", "Bring back one-on-ones", "communication", Visibility.TEAM, ""),
    ("onboarding-buddies", "Onboarding buddies", "belonging", Visibility.TEAM, ""),
    ("pay-review", "Pay review follow-up", "recognition", Visibility.PRIVATE, "Greta Hoffmann"),
    ("return-to-work", "Return to work: D. C.", "wellbeing", Visibility.PRIVATE, "Daniel Cho"),
    ("meeting-diet", "A meeting diet", "workload", Visibility.PUBLIC, ""),
    ("legal-hold", "Handed over by a former colleague", "other", Visibility.PRIVATE, ""),
)
ACTIONS = ("Ask the team what they need", "Agree on two changes", "Try them for a month", "Share what we learned")


def records(lap: int) -> Iterator[Record]:
    for n, account in enumerate(ACCOUNTS):
        yield from project(account, n, lap)
    for n, talk in enumerate(TALKS):
        yield from action_plan(n, lap, *talk)


def project(account: str, n: int, lap: int) -> Iterator[Record]:
    local = lapped(account.lower().replace(" ", "-"), lap)
    start = -40 + 11 * n - 90 * lap
    owner = someone(8 + n)
    plan = Plan(
        ref(local), DEMO, title=f"{account}: first ninety days", status="at risk" if n == 3 else "on track",
        description="From the signed contract to the first renewal talk.", visibility=Visibility.TEAM,
        start_date=on(start), end_date=on(start + 90), sort_date=at(start), created_at=at(start - 7),
        updated_at=at(min(start + 20, -2)), completion_percent=max(0, min(100, -start)), created_by=owner,
        updated_by=owner, archived_at=at(start + 95) if lap else None,
    )  # fmt: skip
    yield plan
    for place, (title, parts) in enumerate(TASKS):
        due = start + 5 + 18 * place
        whole = task(plan, f"{local}-task-{place + 1}", title, due, place, someone(8 + n + place))
        yield whole
        for part, name in enumerate(parts):
            day = due - 3 + part
            yield task(plan, f"{local}-task-{place + 1}-{part + 1}", name, day, part, someone(n + part), whole.key)
    for place, stage in enumerate(STAGES):
        yield step(plan, f"{local}-{stage.lower()}", stage, start + 30 * place, place)
    for place, gate in enumerate(("Invite users", "First report", "Weekly use")):
        name = f"{local}-onboarding-{place + 1}"
        yield step(plan, name, gate, start + 8 * place, place, ref(f"{local}-onboarding"))


def task(plan: Plan, local: str, title: str, due: int, place: int, assignee: Key, parent: Key | None = None) -> Task:
    done = due < -3
    return Task(
        ref(local), DEMO, title=title, status="done" if done else "in progress" if due < 7 else "open", is_done=done,
        start_time=at(due - 4), due_time=None if title == "Dry run" else at(due, 16), position=place,
        created_at=at(due - 30), updated_at=at(min(due, -1)), plan=plan.key, parent=parent, assignee=assignee,
    )  # fmt: skip


def step(plan: Plan, local: str, name: str, day: int, place: int, parent: Key | None = None) -> Step:
    return Step(
        ref(local), DEMO, plan.private_to, name=name, position=place, plan=plan.key, parent=parent,
        status="done" if day < -30 else "active" if day < 0 else "planned",
        started_at=at(day) if day < 0 else None, ended_at=at(day + 29) if day < -30 else None,
    )  # fmt: skip


def action_plan(
    n: int, lap: int, name: str, title: str, focus: str, visibility: Visibility, owner: str
) -> Iterator[Record]:
    local = lapped(name, lap)
    start = -30 + 9 * n - 60 * lap
    private = visibility is Visibility.PRIVATE
    author = person(owner) if owner else None if private else person("Greta Hoffmann")
    plan = Plan(
        ref(local), DEMO, (author or "") if private else None, title=title, visibility=visibility,
        description="From the autumn survey.", status="IN_PROGRESS" if lap == 0 else "COMPLETED",
        sort_date=at(start, 8), start_date=on(start), created_at=at(start - 2), updated_at=at(start + 6),
        completion_percent=25 * (n % 4), created_by=author, updated_by=author,
    )  # fmt: skip
    yield plan
    for place, action in enumerate(ACTIONS):
        due = start + 14 + 14 * place
        yield Action(
            ref(f"{local}-action-{place + 1}"), DEMO, plan.private_to, title=action, focus_type=focus,
            status="COMPLETED" if due < 0 else "IN_PROGRESS" if due < 21 else "OPEN",
            completion_percent=100 if due < 0 else 30, due_date=None if place == 3 else on(due), position=place,
            created_at=at(start), updated_at=at(min(due, -1)), plan=plan.key, assignee=someone(n + place),
        )  # fmt: skip
    yield Note(
        ref(f"{local}-note"), DEMO, plan.private_to, category="Survey", body="See question 12, and the free text.",
        created_at=at(start + 1), updated_at=at(start + 1), plan=plan.key, author=someone(n),
    )  # fmt: skip
