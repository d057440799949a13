"""Creating and changing documents: an update is partial, and a bulk upsert finds what it changes by any of its ids."""

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]

_KEYS = ("_id", "sourceId", "externalId")


def new_id(documents: Mapping[str, Document]) -> str:
    return f"e{len(documents) + 1:023x}"


def changed(document: Document, given: Any) -> Document:
    """The document with what was given; in `custom` an `operation` adds to, replaces or removes from a list [S,V]."""
    if not isinstance(given, dict):
        raise ValueError("not an object")
    result = {**document, **given}
    if isinstance(custom := given.get("custom"), dict):
        before = document.get("custom", {})
        result["custom"] = {**before, **{name: _operated(before.get(name), value) for name, value in custom.items()}}
    return result


def _operated(before: Any, given: Any) -> Any:
    if not isinstance(given, dict) or set(given) != {"operation", "data"}:
        return given
    had, data = before if isinstance(before, list) else [], given["data"]
    match given["operation"]:
        case "add":
            return [*had, *(each for each in data if each not in had)]
        case "remove":
            return [each for each in had if each not in data]
    return data


def upserted(documents: dict[str, Document], given: list[Any]) -> Document:
    """What a bulk upsert answers [S]. A new document needs a name or a title; which attributes do is a stand-in."""
    result: Document = {
        "created": 0, "createdErrors": [], "insertsKeys": [], "updated": 0, "updatedErrors": [], "updatesKeys": [],
        "nonupdates": 0, "modified": [], "upsertedIds": [], "permissionErrors": [],
    }  # fmt: skip
    for item in given:
        found = _matching(documents, item) if isinstance(item, dict) else None
        if found is None and not (
            isinstance(item, dict) and any(item.get(name) for name in ("name", "action", "title", "email"))
        ):
            result["createdErrors"].append({"error": "A required attribute is missing", "item": item})
            continue
        document = changed(found or {"_id": new_id(documents), "__v": 0}, item)
        keys = {name: document[name] for name in _KEYS if name in document}
        if found is None:
            result["created"] += 1
            result["insertsKeys"].append(keys)
            result["upsertedIds"].append(document["_id"])
        elif document == found:
            result["nonupdates"] += 1
        else:
            result["updated"] += 1
            result["updatesKeys"].append(keys)
            result["modified"].append(document["_id"])
        documents[document["_id"]] = document
    return result


def _matching(documents: dict[str, Document], item: Document) -> Document | None:
    wanted = [(name, item[name]) for name in _KEYS if item.get(name)]
    return next((each for each in documents.values() if any(each.get(name) == value for name, value in wanted)), None)
