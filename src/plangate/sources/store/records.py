"""Rows to records: each value to its field, and null to the fields that were not read.

Nobody is charged for a column that was not asked for, or whose value is known: not the database, nor the wire, nor the
driver, nor this. So the function is written for the columns that there are, as the engine writes its projections.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from .statements import Shape, read

Make = Callable[..., list[Any]]


@lru_cache(maxsize=1024)
def maker(shape: Shape, *given: str, more: bool = False) -> Make:
    """What makes records of rows of this shape: `make(rows, *values)`, with the values of the fields `given`.

    `more`: the rows have one more value at their end. It is passed over, unless the reference to the parent is given:
    then it is the parent's number, among all the parents' keys.
    """
    values = read(shape, given)
    known = {name: name for name in (*values, *given)}
    if shape.reference in given:
        known[shape.reference] = f"{shape.reference}[last]"
    arguments = ", ".join(known.get(name, "None") for name in shape.kind.__struct_fields__)
    row = ", ".join((*values, "last") if more else values)
    source = f"lambda {', '.join(('rows', *given))}: [Record({arguments}) for {row}, in rows]"
    make: Make = eval(source, {"Record": shape.kind})  # noqa: S307 -- of the names of fields alone
    return make
