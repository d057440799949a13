"""A church's services: a weekly gathering, evening prayer and the feasts, with everything that a service needs."""

from collections.abc import Iterator

from plangate.model import (
    Attachment,
    Item,
    ItemPosition,
    MemberStatus,
    NeededPosition,
    Note,
    Plan,
    PlanTime,
    PlanTimeKind,
    Record,
    Series,
    ServiceType,
    TeamMember,
    Visibility,
)  # fmt: skip

from .people import DEMO, at, lapped, on, ref, someone

SUNDAYS, PRAYERS = 12, 6
GATHERING, PRAYER, FEASTS = ref("sunday-gathering"), ref("evening-prayer"), ref("feasts")

SERIES = (
    ("open-table", "The Open Table", ("Bread", "A Place Set", "Who Is Missing?", "Leftovers")),
    ("deep-water", "Deep Water", ("Wells", "Crossing Over", "Storm", "The Other Shore")),
    ("advent-2026", "Advent: Light Enough", ("Watch", "Prepare", "Rejoice", "Behold")),
)
ORDER = (
    ("Countdown", "media", ItemPosition.PRE, 300, None, None),
    ("Gathering Music", "song", ItemPosition.PRE, 240, "D", ("Intro", "Verse 1", "Chorus")),
    ("Welcome", "item", ItemPosition.DURING, 180, None, None),
    ("Be Thou My Vision", "song", ItemPosition.DURING, 260, "E", ("Verse 1", "Verse 2", "Verse 3", "Verse 4")),
    ("Come Thou Fount", "song", ItemPosition.DURING, 285, "G", ("Verse 1", "Chorus", "Verse 2", "Chorus", "Tag")),
    ("Reading", "item", ItemPosition.DURING, 120, None, None),
    ("Sermon", "item", ItemPosition.DURING, 1_680, None, None),
    ("Prayers", "item", ItemPosition.DURING, 300, None, None),
    ("Doxology", "song", ItemPosition.DURING, 90, "G", ("Verse",)),
    ("Coffee in the Hall", "item", ItemPosition.POST, 1_800, None, None),
)
ROLES = ("Worship Leader", "Vocals", "Keys", "Drums", "Sound", "Lyrics", "Greeter")


def frame() -> Iterator[Record]:
    """What exists once: service types and series."""
    for n, (key, name, frequency) in enumerate(
        ((GATHERING, "Sunday Gathering", "Weekly"), (PRAYER, "Evening Prayer", "Every other week"),
         (FEASTS, "Feasts", "Yearly"))
    ):  # fmt: skip
        yield ServiceType(key, DEMO, name=name, frequency=frequency, position=n, created_at=at(-900), updated_at=at(-9))
    for local, title, _ in SERIES:
        artwork = f"https://files.example.org/series/{local}.jpg"
        yield Series(ref(local), DEMO, title=title, artwork_url=artwork, created_at=at(-200), updated_at=at(-20))


def records(lap: int) -> Iterator[Record]:
    start = -12 * 7 * lap
    for week in range(SUNDAYS):
        series, _, titles = SERIES[week // 4]
        # The reference day is a Friday: the first Sunday is five weeks before it.
        day = start + 2 + 7 * (week - 5)
        yield from service(
            lapped(f"sunday-{series}-{week % 4 + 1}", lap), titles[week % 4], day, 10, GATHERING, week, series=series
        )
    for week in range(PRAYERS):
        day = start + 5 + 14 * (week - 3)
        yield from service(lapped(f"evening-prayer-{week + 1}", lap), None, day, 18, PRAYER, week, short=True)
    yield from service(lapped("carols", lap), "Carols by Candlelight", start + 34, 17, FEASTS, 3)
    yield from service(lapped("all-saints", lap), "All Saints", start - 19, 18, FEASTS, 7)


def service(
    local: str, title: str | None, day: int, hour: int, type_: str, n: int, *, series: str = "", short: bool = False
) -> Iterator[Record]:
    plan = Plan(
        ref(local),
        DEMO,
        title=title,
        description="Readings and notices are in the shared folder." if n % 3 == 0 else None,
        status="done" if day < 0 else "confirmed" if day < 14 else "draft",
        visibility=Visibility.PUBLIC if day < 14 else Visibility.TEAM,
        start_date=on(day),
        end_date=on(day),
        sort_date=at(day, hour),
        created_at=at(day - 70),
        updated_at=at(min(day, -1)),
        service_type=ref(type_.partition(":")[2]),
        series=ref(series) if series else None,
        created_by=someone(n % 4),
        updated_by=someone(n % 4 + 1),
        external_url=f"https://plans.example.org/services/{local}",
    )
    yield plan
    if not short:
        yield time(plan, "rehearsal", PlanTimeKind.REHEARSAL, "Band rehearsal", at(day - 2, 19), at(day - 2, 21))
    yield time(plan, "service", PlanTimeKind.SERVICE, None, at(day, hour), at(day, hour + 1, 30))
    for place, item in enumerate(ORDER[2:8:2] if short else ORDER):
        yield order_item(plan, place, day, *item)
    for place, role in enumerate(ROLES[-3:] if short else ROLES):
        yield member(plan, place, day, role, n)
    made = {"created_at": at(day - 20), "updated_at": at(day - 6)}
    if day >= 0:
        yield NeededPosition(
            ref(f"{local}-needs-camera"), DEMO, role="Camera", quantity=1 + n % 2, scheduled_to="Service",
            plan=plan.key, plan_time=ref(f"{local}-service"), **made,
        )  # fmt: skip
    yield Note(
        ref(f"{local}-note"), DEMO, category="Hospitality" if n % 2 else "Production", plan=plan.key,
        body="Rain is likely: coffee indoors." if n % 2 else "The second projector is out for repair.",
        author=someone(n + 2), **made,
    )  # fmt: skip
    if not short:
        yield Attachment(
            ref(f"{local}-slides"), DEMO, name=f"{title or 'Service'} slides.pdf", content_type="application/pdf",
            size=240_000 + 1_024 * n, url=f"https://files.example.org/{local}.pdf", downloadable=True, streamable=False,
            plan=plan.key, created_by=someone(n + 3), **made,
        )  # fmt: skip


def time(plan: Plan, name: str, kind: PlanTimeKind, label: str | None, starts: str, ends: str) -> PlanTime:
    return PlanTime(
        ref(f"{plan.external_id}-{name}"), DEMO, name=label, kind=kind, kind_raw=name, starts_at=starts, ends_at=ends,
        recorded=kind is PlanTimeKind.SERVICE, plan=plan.key,
    )  # fmt: skip


def order_item(
    plan: Plan, place: int, day: int, title: str, type_: str, where: ItemPosition, length: int, key_name: str | None,
    arrangement: tuple[str, ...] | None,
) -> Item:  # fmt: skip
    return Item(
        ref(f"{plan.external_id}-item-{place + 1}"), DEMO, title=title, item_type=type_, service_position=where,
        service_position_raw=where.value.lower(), length=length, position=place, key_name=key_name,
        arrangement=arrangement, created_at=at(day - 20), updated_at=at(day - 3), plan=plan.key,
    )  # fmt: skip


def member(plan: Plan, place: int, day: int, role: str, n: int) -> TeamMember:
    answers = (MemberStatus.CONFIRMED, MemberStatus.CONFIRMED, MemberStatus.UNCONFIRMED, MemberStatus.DECLINED)
    status = MemberStatus.CONFIRMED if day < 0 else answers[(place + n) % 4]
    person = someone(place * 3 + n)
    return TeamMember(
        ref(f"{plan.external_id}-{role.lower().replace(' ', '-')}"), DEMO, role=role, status=status,
        name=person.partition(":")[2].replace("-", " ").title(), status_raw=status.value[0],
        decline_reason="Away that weekend." if status is MemberStatus.DECLINED else None,
        created_at=at(day - 28), updated_at=at(day - 10), plan=plan.key, person=person,
    )  # fmt: skip
