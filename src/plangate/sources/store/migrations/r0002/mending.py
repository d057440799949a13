"""Rows of revision 0001 that break a rule of 0002: they are changed or set aside, never dropped, and each is logged.

No row becomes visible to more people than before: where a row and the row that it belongs to disagree about who may
read them, the row is made private, or its reference to that row is removed.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from .checks import Check, all_checks
from .columns import KINDS, OWNERS, TREES
from .values import STORE, as_text, mended


class Change(NamedTuple):
    """`column` is None if the whole row was set aside; `old` is the row as JSON then."""

    table: str
    key: str
    column: str | None
    old: str | None
    new: str | None
    reason: str


class Mending:
    """The rows of one database, by their physical place: a key may be what is wrong with them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.dialect = connection.dialect.name
        self.place = "rowid" if self.dialect == "sqlite" else "CAST(ctid AS text)"
        self.at = "rowid = :place" if self.dialect == "sqlite" else "ctid = CAST(CAST(:place AS text) AS tid)"

    def changes(self) -> Iterator[Change]:
        """Keys first, because references follow them; then values; then what rows say of each other."""
        filled = {table for table in KINDS if self._rows(f"SELECT 1 FROM {table} LIMIT 1")}
        every = [(table, check) for table, check in all_checks(self.dialect) if table in filled]
        for table, check in every:
            if check.column in ("key", "workspace"):
                yield from self._identities(table, check)
        for table, check in every:
            if check.kind in mended and check.column not in ("key", "workspace"):
                yield from self._values(table, check)
        for table in TREES:
            yield from self._cycles(table)
        # A row that has lost its plan may belong to another row then, and what belongs to it changes with it.
        while changes := [change for table in OWNERS for change in self._owners(table)]:
            yield from changes

    # ------------------------------------------------------------------------------------------------- single rows

    def _identities(self, table: str, check: Check) -> Iterator[Change]:
        for place, key, _ in self._broken(table, check.column, f"NOT ({check.condition})"):
            new = STORE + key
            if check.column == "key" and ":" not in key and self._is_free(table, new, check.condition):
                self._update(table, place, "key", new)
                yield Change(table, new, "key", key, new, "a key begins with the name of its source")
            else:
                yield self._set_aside(table, place, key, f"its {check.column} cannot be mended")

    def _is_free(self, table: str, key: str, condition: str) -> bool:
        new = "(SELECT CAST(:key AS text) AS key) AS new"
        fits = self._rows(f"SELECT 1 FROM {new} WHERE {condition}", key=key)
        return bool(fits) and not self._rows(f"SELECT 1 FROM {table} WHERE key = :key", key=key)

    def _set_aside(self, table: str, place: Any, key: str, reason: str) -> Change:
        if self.dialect == "sqlite":
            [row] = self._rows(f"SELECT * FROM {table} WHERE {self.at}", place=place)
            values = {name: value if isinstance(value, int) else as_text(value) for name, value in row._mapping.items()}
            old = json.dumps(values, ensure_ascii=False)
        else:
            [(old,)] = self._rows(f"SELECT CAST(to_jsonb(t) AS text) FROM {table} AS t WHERE {self.at}", place=place)
        self._execute(f"DELETE FROM {table} WHERE {self.at}", place=place)
        return Change(table, key, None, old, None, reason)

    def _values(self, table: str, check: Check) -> Iterator[Change]:
        # PostgreSQL's JSON functions fail where there is no JSON, and SQLite's constraint does not look into it.
        broken = f"{check.column} IS NOT NULL" if check.kind == "texts" else f"NOT ({check.condition})"
        reason, mend = mended[check.kind]
        for place, key, old in self._broken(table, check.column, broken):
            new = mend(old)
            if new == old and check.kind == "texts":
                continue
            if new is None and table == "api_keys":
                yield self._set_aside(table, place, key, f"its {check.column} {reason}")
                continue
            self._update(table, place, check.column, new)
            yield Change(table, key, check.column, old, None if new is None else str(new), f"it {reason}")

    def _broken(self, table: str, column: str, condition: str) -> list[tuple[Any, str, str]]:
        """Place, key and value of the rows."""
        key = "id" if table == "api_keys" else "key"
        value = column if self.dialect == "sqlite" else f"CAST({column} AS text)"
        rows = self._rows(f"SELECT {self.place}, {key}, {value} FROM {table} WHERE {condition} ORDER BY {key}")
        return [(place, as_text(key) or "", as_text(value) or "") for place, key, value in rows]

    # -------------------------------------------------------------------------------------- what rows say of each other

    def _cycles(self, table: str) -> Iterator[Change]:
        parents: dict[str, str] = dict(self._rows(f"SELECT key, parent FROM {table} WHERE parent IS NOT NULL"))
        known: set[str] = set()
        for start in sorted(parents):
            path: dict[str, None] = {}
            key = start
            while key in parents and key not in known and key not in path:
                path[key] = None
                key = parents[key]
            if key in path:
                keys = list(path)
                first = min(keys[keys.index(key) :])
                yield self._remove(table, "parent", first, parents[first], "it made the row a parent of itself")
            known.update(path)

    def _owners(self, table: str) -> Iterator[Change]:
        inherits = "coalesce(t.visibility, '') <> 'PRIVATE'" if table == "plans" else "1 = 1"
        for column, owner, before in OWNERS[table]:
            joined = f"FROM {table} AS t JOIN {owner} AS o ON o.key = t.{column}"
            joined += f" AND t.{before} IS NULL" if before else ""
            for key, old in self._rows(f"SELECT t.key, o.key {joined} WHERE t.workspace <> o.workspace"):
                yield self._remove(table, column, key, old, "it is of another workspace")
            other = "t.private_to IS NOT NULL AND coalesce(o.private_to <> t.private_to, true)"
            for key, old in self._rows(f"SELECT t.key, o.key {joined} WHERE {inherits} AND {other}"):
                yield self._remove(table, column, key, old, "the row is private, to somebody else")
            public = "t.private_to IS NULL AND o.private_to IS NOT NULL"
            for key, person in self._rows(f"SELECT t.key, o.private_to {joined} WHERE {inherits} AND {public}"):
                self._execute(f"UPDATE {table} SET private_to = :person WHERE key = :key", key=key, person=person)
                yield Change(table, key, "private_to", None, person, f"its {column} is private")

    def _remove(self, table: str, column: str, key: str, old: str, reason: str) -> Change:
        self._execute(f"UPDATE {table} SET {column} = NULL WHERE key = :key", key=key)
        return Change(table, key, column, old, None, reason)

    # ------------------------------------------------------------------------------------------------------------- SQL

    def _rows(self, query: str, **values: Any) -> list[Any]:
        return list(self.connection.execute(text(query), values))

    def _execute(self, statement: str, **values: Any) -> None:
        self.connection.execute(text(statement), values)

    def _update(self, table: str, place: Any, column: str, new: str | int | None) -> None:
        if new is None:  # of any type
            self._execute(f"UPDATE {table} SET {column} = NULL WHERE {self.at}", place=place)
        else:
            self._execute(f"UPDATE {table} SET {column} = :new WHERE {self.at}", place=place, new=new)
