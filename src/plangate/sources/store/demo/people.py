"""The people of the demo, and how its ids and days are written."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from plangate.model import Key, Person, Record, instant

DEMO = "demo"
TODAY = date(2026, 11, 20)

NAMES = (
    "Ada Okafor", "Ben Lindqvist", "Carmen Ruiz", "Daniel Cho", "Elif Kaya", "Femi Adeyemi", "Greta Hoffmann",
    "Hiro Tanaka", "Inés Castillo", "Jonas Weber", "Kavya Menon", "Liam O'Connor", "Mara Novak", "Nadia Haddad",
    "Oskar Nowak", "Paula Ferreira", "Quentin Dubois", "Rosa Marchetti", "Sven Dahl", "Thandi Mbeki",
)  # fmt: skip


def ref(local: str) -> Key:
    return Key(f"store:{local}")


def person(name: str) -> Key:
    """The key of a person, e.g. `store:ada-okafor`."""
    plain = name.lower().replace("é", "e").replace("'", "")
    return ref(plain.replace(" ", "-"))


def someone(n: int) -> Key:
    return person(NAMES[n % len(NAMES)])


def at(day: int, hour: int = 9, minute: int = 0) -> str:
    """An instant, so many days from the reference day."""
    return instant(datetime.combine(TODAY + timedelta(days=day), time(hour, minute), UTC))


def on(day: int) -> str:
    return (TODAY + timedelta(days=day)).isoformat()


def lapped(local: str, lap: int) -> str:
    """The id in the first lap is the readable one."""
    return local if lap == 0 else f"{local}-{lap + 1}"


def records() -> Iterator[Record]:
    for n, name in enumerate(NAMES):
        first, last = name.split(" ", 1)
        yield Person(
            person(name),
            DEMO,
            name=name,
            first_name=first,
            last_name=last,
            email=f"{person(name).partition(':')[2].replace('-', '.')}@example.org",
            created_at=at(-900 + n),
            updated_at=at(-30 + n),
        )
