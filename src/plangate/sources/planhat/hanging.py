"""What is found through a company, and what is found by an id that an object names."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from plangate.model import Key, split
from plangate.native import planhat as native

from .api import Api
from .ids import ids_among
from .mapping import Records

_NATIVE: dict[str, tuple[str, type[native.Model]]] = {
    "assets": ("assets", native.Asset),
    "churn": ("churn", native.Churn),
    "conversations": ("conversations", native.Conversation),
    "end_users": ("endusers", native.EndUser),
    "invoices": ("invoices", native.Invoice),
    "issues": ("issues", native.Issue),
    "licenses": ("licenses", native.License),
    "sales": ("sales", native.Sale),
}
_ONE: dict[str, tuple[str, type[native.Model]]] = {
    "company": ("companies", native.Company),
    "conversation": ("conversations", native.Conversation),
    "end_user": ("endusers", native.EndUser),
    "license": ("licenses", native.License),
}
"""By the name of the edge: the collection, and what its objects become."""


class _Kind(NamedTuple):
    """How objects of a list become answers, and of which companies each one is."""

    collection: str
    make: Callable[[Any], Any]
    companies: Callable[[Any], Iterable[str | None]]


class Hanging:
    """Answers edges by the keys of what they lead from (a company), or lead to (`company`)."""

    def __init__(self, api: Api, records: Records) -> None:
        self.api = api
        self.records = records
        self._kinds = {
            "projects": _Kind("projects", records.plan, lambda plan: [plan.native.company_id]),
            "tasks": _Kind("tasks", records.task, lambda task: [task.native.company_id]),
            **{edge: self._kind(collection, kind) for edge, (collection, kind) in _NATIVE.items()},
        }

    def _kind(self, collection: str, kind: type[native.Model]) -> _Kind:
        return _Kind(collection, lambda given: self.records.native(kind, given), _companies)

    async def natives(self, edge: str, keys: Sequence[Key]) -> Mapping[Key, Sequence[Any]]:
        ids = ids_among(split(key)[1] for key in keys)
        found: Mapping[str, Sequence[Any]] = {}
        if not ids:
            return {}
        if edge in _ONE:
            found = await self._named(*_ONE[edge], ids)
        elif edge == "custom_fields":
            # They are the tenant's, whichever company asks.
            given = await self.api.everything("customfields")
            found = dict.fromkeys(ids, _made(lambda each: self.records.native(native.CustomField, each), given))
        elif edge in self._kinds:
            found = await self._of_companies(self._kinds[edge], ids)
        return {key: found[id] for key in keys if (id := split(key)[1]) in found}

    async def _named(self, collection: str, kind: type[native.Model], ids: list[str]) -> dict[str, list[Any]]:
        given = await self.api.by_id(collection, ids)
        return {id: _made(lambda each: self.records.native(kind, each), [one]) for id, one in given.items()}

    async def _of_companies(self, kind: _Kind, ids: list[str]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {id: [] for id in ids}
        for each in _made(kind.make, await self.api.of_companies(kind.collection, ids)):
            for company in dict.fromkeys(kind.companies(each)):
                if company in found:
                    found[company].append(each)
        return found


def _made(make: Callable[[Any], Any], given: Iterable[Any]) -> list[Any]:
    return [made for each in given if (made := make(each)) is not None]


def _companies(each: Any) -> Iterable[str | None]:
    return each.company_ids or () if isinstance(each, native.Issue) else [each.company_id]
