"""Plans that look real, the same at every run: all stands around one reference day, and nothing is drawn by lot.

Workspace "demo" has a church's services, customer projects, HR action plans and a portfolio; some records hang on plans
of the Planning Center emulator. Workspace "elsewhere" is what nobody in "demo" may see.
"""

from plangate.listing import ListQuery, Scope
from plangate.model import Record
from plangate.sources.store.source import Store

from . import church, crossing, elsewhere, people, portfolio, teams


def build(scale: int = 1) -> list[Record]:
    """All records. `scale` repeats the plans, each time further in the past, with all that hangs on them."""
    records: list[Record] = [*people.records(), *church.frame(), *crossing.records(), *elsewhere.records()]
    for lap in range(scale):
        for part in (church, teams, portfolio):
            records += part.records(lap)
    return records


async def load(store: Store, scale: int = 1) -> bool:
    """Insert the demo data, unless its workspace has plans already. Says whether it did."""
    present = await store.list_plans(ListQuery(1, scope=Scope("demo", None)))
    if present.records:
        return False
    await store.insert(build(scale))
    return True
