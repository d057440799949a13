"""The four service types of the church: how often each one meets, at what times, and which teams serve."""

from dataclasses import dataclass
from datetime import time, timedelta


@dataclass(frozen=True)
class Rhythm:
    """A service type: how often, how many plans, and the times of each as (day offset, type, name, start, end)."""

    id: str
    name: str
    frequency: str
    weekday: int
    every: timedelta
    plans: int
    ahead: int
    times: tuple[tuple[int, str, str | None, time, time], ...]
    teams: tuple[tuple[str, tuple[str, ...]], ...]


SUNDAY = Rhythm(
    id="1001",
    name="Sunday Morning",
    frequency="Weekly",
    weekday=6,
    every=timedelta(weeks=1),
    plans=60,
    ahead=14,
    times=(
        (-3, "rehearsal", "Band rehearsal", time(19), time(20, 30)),
        (0, "other", "Huddle", time(8, 30), time(8, 45)),
        (0, "service", None, time(9), time(10, 15)),
        (0, "service", None, time(11), time(12, 15)),
    ),
    teams=(
        ("Worship Band", ("Worship Leader", "Vocals", "Acoustic Guitar", "Bass", "Keys", "Drums")),
        ("Production", ("Sound", "Lyrics", "Camera")),
        ("Hosts", ("Greeter", "Usher")),
    ),
)
YOUTH = Rhythm(
    id="1002",
    name="Youth Night",
    frequency="Weekly",
    weekday=2,
    every=timedelta(weeks=1),
    plans=32,
    ahead=8,
    times=((0, "other", "Set-up", time(17), time(18)), (0, "service", None, time(18, 30), time(20))),
    teams=(("Youth Band", ("Worship Leader", "Guitar", "Cajon")), ("Leaders", ("Host", "Small Group Leader"))),
)
PRAYER = Rhythm(
    id="1003",
    name="Midweek Prayer",
    frequency="Every other week",
    weekday=3,
    every=timedelta(weeks=2),
    plans=23,
    ahead=6,
    times=((0, "service", None, time(12, 15), time(13)),),
    teams=(("Prayer Hosts", ("Leader", "Reader")),),
)
CHRISTMAS = Rhythm(
    id="1004",
    name="Christmas at the Park",
    frequency="Yearly",
    weekday=5,
    every=timedelta(weeks=52),
    plans=3,
    ahead=1,
    times=(
        (-1, "rehearsal", "Full run-through", time(18), time(21)),
        (0, "service", "Saturday", time(17), time(18, 30)),
        (1, "service", "Sunday", time(17), time(18, 30)),
    ),
    teams=(("Choir", ("Soprano", "Alto", "Tenor", "Bass")), ("Site Crew", ("Stage", "Parking"))),
)
RHYTHMS = (SUNDAY, YOUTH, PRAYER, CHRISTMAS)
