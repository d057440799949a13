"""The CHECK constraints, by table. The name of each says what must be so, because the databases show it as it is."""

from collections.abc import Iterator
from typing import NamedTuple

from .columns import KINDS, MAX_KEY, RECORDS, TREES, columns_of


class Check(NamedTuple):
    """`column` and `kind` are what `mending` goes by."""

    name: str
    condition: str
    column: str
    kind: str


NAMES = {
    "key": "is_a_key",
    "workspace": "is_not_empty",
    "private_to": "is_a_person",
    "person": "is_a_person",
    "text": "is_text",
    "day": "is_a_day",
    "instant": "is_an_instant",
    "percent": "is_0_to_100",
    "count": "is_not_negative",
    "integer": "is_an_integer",
    "boolean": "is_true_or_false",
    "url": "is_an_http_url",
    "texts": "is_a_list_of_texts",
}

POSTGRESQL = {
    "key": rf"{{0}} ~ '^[a-z][a-z0-9_]{{{{0,40}}}}:[^\x01-\x1f\x7f]+$' AND length({{0}}) <= {MAX_KEY}",
    "workspace": "{0} <> ''",
    "private_to": r"{0} = '' OR {0} ~ '^[^:\x01-\x1f\x7f]+:[^\x01-\x1f\x7f]+$'",
    "person": r"{0} ~ '^[^:\x01-\x1f\x7f]+:[^\x01-\x1f\x7f]+$'",
    "day": "{0} BETWEEN '0001-01-01' AND '9999-12-31'",
    "instant": "{0} BETWEEN '0001-01-01 00:00:00+00' AND '9999-12-31 23:59:59.999999+00'",
    "percent": "{0} BETWEEN 0 AND 100",
    "count": "{0} >= 0",
    "url": r"{0} ~* '^https?://[^/\x01-\x20\x7f][^\x01-\x20\x7f]*$'",
    "texts": "jsonb_typeof({0}::jsonb) = 'array'"
    " AND NOT jsonb_path_exists({0}::jsonb, '$[*] ? (@.type() != \"string\")')",
}
"""A condition that is null is met. Types do the rest; only infinite and very early or late dates are no dates here."""

NO_CONTROL = "{0} NOT GLOB '*[' || char(1, 45, 31, 127) || ']*'"
"""char(45) is a hyphen: a range of characters."""
NO_BLANK = "{0} NOT GLOB '*[' || char(1, 45, 32, 127) || ']*'"
IS_TEXT = "typeof({0}) = 'text' AND instr({0}, char(0)) = 0"
COLON = "instr({0}, ':')"
SECONDS = "strftime('%Y-%m-%dT%H:%M:%S', substr({0}, 1, 19), '+0 days') IS substr({0}, 1, 19)"
"""`+0 days` makes SQLite calculate the date, so that 30 February is none."""
MICROSECONDS = "'.[0-9][0-9][0-9][0-9][0-9][0-9]+00:00'"
PERSON = f"{IS_TEXT} AND {NO_CONTROL} AND {COLON} BETWEEN 2 AND length({{0}}) - 1"
INTEGER = "typeof({0}) = 'integer' AND {0} BETWEEN -2147483648 AND 2147483647"

SQLITE = {
    "key": f"{PERSON} AND {COLON} <= 42 AND length({{0}}) <= {MAX_KEY} AND {{0}} GLOB '[a-z]*' "
    f"AND substr({{0}}, 1, {COLON} - 1) NOT GLOB '*[^a-z0-9_]*'",
    "workspace": f"{IS_TEXT} AND {{0}} <> ''",
    "private_to": f"{IS_TEXT} AND ({{0}} = '' OR ({PERSON}))",
    "person": PERSON,
    "text": IS_TEXT,
    "day": "date({0}, '+0 days') IS {0} AND {0} >= '0001-01-01'",
    "instant": f"{SECONDS} AND {{0}} >= '0001' AND (substr({{0}}, 20) = '+00:00' OR "
    f"(substr({{0}}, 20) GLOB {MICROSECONDS} AND substr({{0}}, 20) <> '.000000+00:00'))",
    "percent": "typeof({0}) = 'integer' AND {0} BETWEEN 0 AND 100",
    "count": "typeof({0}) = 'integer' AND {0} BETWEEN 0 AND 2147483647",
    "integer": INTEGER,
    "boolean": "typeof({0}) = 'integer' AND {0} IN (0, 1)",
    "url": f"{IS_TEXT} AND ({{0}} GLOB '[Hh][Tt][Tt][Pp]://[^/]*' OR {{0}} GLOB '[Hh][Tt][Tt][Pp][Ss]://[^/]*') "
    f"AND {NO_BLANK}",
    "texts": "CASE WHEN json_valid({0}) THEN json_type({0}) = 'array' ELSE false END",  # a trigger looks into it
}

CONDITIONS = {"postgresql": POSTGRESQL, "sqlite": SQLITE}

# A plan below a private one is private to the same person, whatever its own visibility.
PRIVATE = Check(
    "private_to_goes_with_visibility_private",
    "CASE WHEN coalesce(visibility, '') = 'PRIVATE' THEN private_to IS NOT NULL"
    " ELSE private_to IS NULL OR parent IS NOT NULL END",
    "private_to",
    "private",
)


def checks(dialect: str, table: str) -> Iterator[Check]:
    """The constraints of a table, without those that the dialect's types make superfluous."""
    conditions = CONDITIONS[dialect]
    for column, kind in columns_of(table):
        if kind in conditions:
            yield Check(f"{column}_{NAMES[kind]}", _or_null(conditions[kind].format(column), column), column, kind)
    if table in TREES:
        yield Check("parent_is_another", "parent <> key", "parent", "parent")
    if table == "plans":
        yield PRIVATE


def _or_null(condition: str, column: str) -> str:
    return condition if column in ("key", "workspace") else f"{column} IS NULL OR ({condition})"


def all_checks(dialect: str) -> Iterator[tuple[str, Check]]:
    for table in (*RECORDS, *(each for each in KINDS if each not in RECORDS)):
        for check in checks(dialect, table):
            yield table, check
