"""The triggers in SQLite: one per table for INSERT, one for UPDATE, and one for what a JSON list holds.

They act row by row, and a trigger does not fire itself: so each goes down the whole tree at once, and a row may be
looked at before the row that it belongs to has changed. With PRAGMA recursive_triggers, which is off by default, a
trigger does fire itself, and a tree of three levels or more cannot be made private in one statement: it is refused.
"""

from collections.abc import Iterator

from .columns import OWNERS, TREES, Owner, below


def create(_: str = "") -> Iterator[str]:
    for table, owners in OWNERS.items():
        columns = ["key", "workspace", "private_to", *(owner.column for owner in owners)]
        columns += ["visibility"] if table == "plans" else []
        changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)
        insert = "\n".join(on_insert(table))
        update = "\n".join(on_update(table))
        when = f"WHEN {concerns(table)}"
        yield f"CREATE TRIGGER {table}_insert_scope AFTER INSERT ON {table} {when}\nBEGIN\n{insert}\nEND"
        yield (
            f"CREATE TRIGGER {table}_update_scope AFTER UPDATE OF {', '.join(columns)} ON {table} WHEN {changed}\n"
            f"BEGIN\n{update}\nEND"
        )
    for event in ("INSERT", "UPDATE OF arrangement"):
        yield f"""CREATE TRIGGER items_{event.split()[0].lower()}_texts AFTER {event} ON items
            WHEN NEW.arrangement IS NOT NULL BEGIN
            {refuse("items_arrangement_is_a_list_of_texts", "FROM json_each(NEW.arrangement) WHERE type <> 'text'")}
            END"""


def drop() -> Iterator[str]:
    for table in OWNERS:
        yield f"DROP TRIGGER {table}_insert_scope"
        yield f"DROP TRIGGER {table}_update_scope"
    yield "DROP TRIGGER items_insert_texts"
    yield "DROP TRIGGER items_update_texts"


def concerns(table: str) -> str:
    """Whether a new row differs from the row that it belongs to, or rows are below it. Of most rows neither is so."""
    differs = "o.workspace <> NEW.workspace OR o.private_to IS NOT NEW.private_to"
    above = [
        f"EXISTS (SELECT 1 FROM {owner.table} AS o WHERE o.key = NEW.{owner.column} AND ({differs}))"
        for owner in OWNERS[table]
    ]
    under = [f"EXISTS (SELECT 1 FROM {child} WHERE {owner.column} = NEW.key)" for child, owner in below(table)]
    return " OR ".join([*above, *under])


def on_insert(table: str) -> Iterator[str]:
    if table in TREES:
        yield cycle(table, "true")
    for owner in OWNERS[table]:
        yield from own_scope(table, owner, "true")
    for child, owner in below(table):
        at = f"{owner.column} = NEW.key{counts('', owner)}"
        yield refuse(
            f"{child}_workspace_is_that_of_its_{owner.column}",
            f"FROM {child} WHERE {at} AND workspace <> NEW.workspace",
        )
        private = f"{inherits(child)} AND private_to IS NOT {effective(table, 'private_to')}"
        yield refuse(
            f"{child}_private_to_is_that_of_its_{owner.column}",
            f"FROM {child} WHERE {at} AND private_to IS NOT NULL AND {private}",
        )
        yield f"UPDATE {child} SET private_to = {effective(table, 'private_to')} WHERE {at} AND {private};"


def on_update(table: str) -> Iterator[str]:
    references = [owner.column for owner in OWNERS[table]]
    moved = "(" + " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in ["key", *references]) + ")"
    if table in TREES:
        yield cycle(table, moved)
    for owner in OWNERS[table]:
        # The row above may be changed by the same statement, or by one that this one is a part of.
        yield from own_scope(table, owner, moved if owner.before or owner.table == table else "true")
    for child, owner in below(table):
        if child == table:
            yield from own_tree(table, owner)
    for child, owner in below(table):
        if child != table:
            rows = tree(table) if table in TREES else "(SELECT NEW.key)"
            value = f"(SELECT o.{{}} FROM {table} AS o WHERE o.key = {child}.{owner.column})"
            workspace, private_to = value.format("workspace"), value.format("private_to")
            yield f"""UPDATE {child} SET workspace = {workspace}, private_to = {private_to}
                WHERE {owner.column} IN {rows}{counts("", owner)}
                AND (workspace IS NOT {workspace} OR private_to IS NOT {private_to});"""


def cycle(table: str, moved: str) -> str:
    """Only a row with rows below it can close a cycle."""
    return refuse(
        f"{table}_parent_is_not_below",
        f"""WHERE {moved} AND NEW.parent IS NOT NULL AND EXISTS (SELECT 1 FROM {table} WHERE parent = NEW.key)
            AND NEW.key IN (WITH RECURSIVE above(key) AS (SELECT NEW.parent UNION SELECT t.parent FROM {table} AS t
            JOIN above ON t.key = above.key WHERE t.parent IS NOT NULL) SELECT key FROM above)""",
    )


def own_scope(table: str, owner: Owner, moved: str) -> Iterator[str]:
    """What a row says of its scope is compared with the row that it belongs to."""
    name = f"{table}_{{}}_is_that_of_its_{owner.column}"
    rows = f"FROM {owner.table} AS o WHERE o.key = NEW.{owner.column}{counts('NEW.', owner)}"
    yield refuse(name.format("workspace"), f"{rows} AND o.workspace <> NEW.workspace AND {moved}")
    mismatch = f"(o.private_to IS NULL OR o.private_to <> NEW.private_to AND {moved})"
    yield refuse(
        name.format("private_to"),
        f"{rows} AND {inherits(table, 'NEW.')} AND NEW.private_to IS NOT NULL AND {mismatch}",
    )
    private = f"CASE WHEN {inherits(table)} THEN (SELECT o.private_to {rows}) ELSE private_to END"
    yield f"""UPDATE {table} SET workspace = (SELECT o.workspace {rows}), private_to = {private} WHERE key = NEW.key
        AND EXISTS (SELECT 1 {rows} AND (o.workspace <> NEW.workspace
        OR {inherits(table, "NEW.")} AND o.private_to IS NOT NEW.private_to));"""


def own_tree(table: str, owner: Owner) -> Iterator[str]:
    """The rows below in the same table: all are of the workspace; those that inherit are private to the same person."""
    workspace, private_to = effective(table, "workspace"), effective(table, "private_to")
    yield f"UPDATE {table} SET workspace = {workspace} WHERE key IN {tree(table)} AND workspace <> {workspace};"
    yield f"""UPDATE {table} SET private_to = {private_to} WHERE key IN {tree(table, inheriting=True)}
        AND key <> NEW.key AND private_to IS NOT {private_to};"""


def tree(table: str, *, inheriting: bool = False) -> str:
    """The keys of the row and of what belongs to it in the same table."""
    [owner] = [each for each in OWNERS[table] if each.table == table]
    condition = counts("t.", owner) + (f" AND {inherits(table, 't.')}" if inheriting else "")
    return f"""(WITH RECURSIVE tree(key) AS (SELECT NEW.key UNION SELECT t.key FROM {table} AS t
        JOIN tree ON t.parent = tree.key{condition}) SELECT key FROM tree)"""


def effective(table: str, column: str) -> str:
    """What the row has by now: a statement before may have changed it."""
    return f"(SELECT {column} FROM {table} WHERE key = NEW.key)"


def counts(row: str, owner: Owner) -> str:
    return f" AND {row}{owner.before} IS NULL" if owner.before else ""


def inherits(table: str, row: str = "") -> str:
    return f"coalesce({row}visibility, '') <> 'PRIVATE'" if table == "plans" else "true"


def refuse(name: str, condition: str) -> str:
    return f"SELECT RAISE(ABORT, '{name}') {condition};"
