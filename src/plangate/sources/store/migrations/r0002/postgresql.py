"""The triggers in PostgreSQL: one function and trigger per table for INSERT, and one for UPDATE, for whole statements.

A function begins with the rows that a statement has changed (`changed`). The rows that they belong to are locked, so
that a plan which becomes private at the same time is waited for, or waits. A cascade fires the triggers of the rows
below, which go on from there. It has the rights of the user who migrated: adding an action to a plan takes no right to
change the plan.
"""

from collections.abc import Iterator

from .columns import OWNERS, TREES, Owner, below

SCOPE = ("workspace", "private_to")


def create(schema: str) -> Iterator[str]:
    """`schema` has the tables; it is quoted as SQL wants it."""
    for table in OWNERS:
        for event in ("insert", "update"):
            tables = "NEW TABLE AS new_rows" + (" OLD TABLE AS old_rows" if event == "update" else "")
            yield f"""
                CREATE OR REPLACE FUNCTION {table}_{event}_scope() RETURNS trigger LANGUAGE plpgsql
                SECURITY DEFINER SET search_path = {schema}, pg_temp AS $function$
                DECLARE broken text; mend boolean;
                BEGIN
                    IF NOT EXISTS (SELECT FROM {changed(table, event)}) THEN RETURN NULL; END IF;
                    {"".join(body(table, event))}
                    RETURN NULL;
                END $function$"""
            yield f"REVOKE EXECUTE ON FUNCTION {table}_{event}_scope() FROM PUBLIC"  # else on a table of their own
            yield f"""
                CREATE TRIGGER {table}_{event}_scope AFTER {event.upper()} ON {table} REFERENCING {tables}
                FOR EACH STATEMENT EXECUTE FUNCTION {table}_{event}_scope()"""


def drop() -> Iterator[str]:
    for table in OWNERS:
        for event in ("insert", "update"):
            yield f"DROP TRIGGER {table}_{event}_scope ON {table}"
            yield f"DROP FUNCTION {table}_{event}_scope()"


def changed(table: str, event: str, *, moved: bool = False) -> str:
    """The rows that are new, or whose scope has changed; `moved`: those that belong to another row than before.

    EXCEPT, not a join: without an index on them a kept plan would compare each new row with each old one.
    """
    columns = ", ".join(columns_of(table, moved))
    if event == "insert":
        return f"(SELECT {columns} FROM new_rows) AS c"
    return f"(SELECT {columns} FROM new_rows EXCEPT SELECT {columns} FROM old_rows) AS c"


def columns_of(table: str, moved: bool) -> list[str]:
    references = [owner.column for owner in OWNERS[table]]
    own = ["visibility"] if table == "plans" else []
    return ["key", *references] if moved else ["key", *references, *SCOPE, *own]


def body(table: str, event: str) -> Iterator[str]:
    for owner in OWNERS[table]:
        keys = f"SELECT c.{owner.column} FROM {changed(table, event)}"
        yield f"""
                    PERFORM FROM {owner.table} AS o WHERE o.key IN ({keys}) ORDER BY o.key FOR SHARE;"""
    if table in TREES:
        yield cycle(table, event)
    for owner in OWNERS[table]:
        yield own_scope(table, event, owner)
    for child, owner in below(table):
        yield scope_below(table, event, child, owner)


def cycle(table: str, event: str) -> str:
    """Only a row with rows below it can close a cycle. Two at a time could close one together: they wait."""
    rows = f"{changed(table, event, moved=True)} WHERE c.parent IS NOT NULL"
    rows += f" AND EXISTS (SELECT FROM {table} AS t WHERE t.parent = c.key)"
    return f"""
                    IF EXISTS (SELECT FROM {rows}) THEN
                        PERFORM pg_advisory_xact_lock(hashtext('plangate parents of {table}'));
                        IF EXISTS (
                            WITH RECURSIVE above (start, key) AS (
                                SELECT c.key, c.parent FROM {rows}
                                UNION SELECT above.start, t.parent FROM above JOIN {table} AS t ON t.key = above.key
                                WHERE t.parent IS NOT NULL AND above.key <> above.start
                            ) SELECT FROM above WHERE key = start
                        ) THEN {refuse(table, "parent_is_not_below")} END IF;
                    END IF;"""


def own_scope(table: str, event: str, owner: Owner) -> str:
    """What a changed row says of its scope is compared with the row that it belongs to."""
    name = f"{table}_{{}}_is_that_of_its_{owner.column}"
    rows = f"{changed(table, event)} JOIN {owner.table} AS o ON o.key = c.{owner.column}{counts('c', owner)}"
    moved = "true"
    if event == "update" and (owner.before or table == owner.table):
        # The row above may be changed by the same statement, or by one that this one is a part of.
        keys = changed(table, event, moved=True).removesuffix(" AS c")
        moved = f"c.key IN (SELECT m.key FROM {keys} AS m)"
    return f"""
                    SELECT min(CASE
                            WHEN c.workspace <> o.workspace AND {moved} THEN '{name.format("workspace")}'
                            WHEN {inherits(table, "c")} AND c.private_to IS NOT NULL
                                AND (o.private_to IS NULL OR o.private_to <> c.private_to AND {moved})
                            THEN '{name.format("private_to")}' END),
                        bool_or({differs(table, "c")})
                    INTO broken, mend FROM {rows};
                    {refuse_broken(table)}
                    IF mend THEN
                        UPDATE {table} AS t SET {taken(table)}
                        FROM {rows} WHERE t.key = c.key AND ({differs(table, "t")});
                    END IF;"""


def scope_below(table: str, event: str, child: str, owner: Owner) -> str:
    """What belongs to a changed row follows it; what was there before a new row must agree with it."""
    rows = f"{table} AS o JOIN {changed(table, event)} ON c.key = o.key"
    joined = f"t.{owner.column} = o.key{counts('t', owner)} AND ({differs(child, 't')})"
    update = f"UPDATE {child} AS t SET {taken(child)} FROM {rows} WHERE {joined};"
    if event == "update":
        return f"""
                    IF EXISTS (SELECT FROM {rows} JOIN {child} AS t ON {joined}) THEN {update} END IF;"""
    name = f"{child}_{{}}_is_that_of_its_{owner.column}"
    return f"""
                    SELECT min(CASE WHEN t.workspace <> o.workspace THEN '{name.format("workspace")}'
                            WHEN t.private_to IS NOT NULL THEN '{name.format("private_to")}' END), count(*) > 0
                    INTO broken, mend FROM {rows} JOIN {child} AS t ON {joined};
                    {refuse_broken(child)}
                    IF mend THEN {update} END IF;"""


def counts(row: str, owner: Owner) -> str:
    return f" AND {row}.{owner.before} IS NULL" if owner.before else ""


def inherits(table: str, row: str) -> str:
    return f"coalesce({row}.visibility, '') <> 'PRIVATE'" if table == "plans" else "true"


def differs(table: str, row: str) -> str:
    private = f"{row}.private_to IS DISTINCT FROM o.private_to"
    return f"{row}.workspace <> o.workspace OR {inherits(table, row)} AND {private}"


def taken(table: str) -> str:
    private = f"CASE WHEN {inherits(table, 't')} THEN o.private_to ELSE t.private_to END"
    return f"workspace = o.workspace, private_to = {private}"


def refuse(table: str, rule: str) -> str:
    name = f"{table}_{rule}"
    return f"""RAISE check_violation USING MESSAGE = 'a row of relation "{table}" violates check constraint "{name}"',
                        TABLE = '{table}', CONSTRAINT = '{name}';"""


def refuse_broken(table: str) -> str:
    return f"""IF broken IS NOT NULL THEN RAISE check_violation USING
                        MESSAGE = format('a row of relation "{table}" violates check constraint "%s"', broken),
                        TABLE = '{table}', CONSTRAINT = broken; END IF;"""
