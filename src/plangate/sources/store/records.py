"""Rows to records: each value to its field, and null to the fields that were not read.

Nobody is charged for a column that was not asked for: not the database, nor the wire, nor the driver, nor this. So the
function is written for the columns that there are, as the engine writes its projections.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from .statements import Shape, read

Make = Callable[[Iterable[Any]], list[Any]]


@lru_cache(maxsize=1024)
def maker(shape: Shape, *, paired: bool = False) -> Make:
    """What makes records of the rows of a statement of this shape.

    `paired`: the rows have one more value at their end, and pairs of a record and that value are made.
    """
    values = read(shape)
    arguments = ", ".join(name if name in values else "None" for name in shape.kind.__struct_fields__)
    made = f"Record({arguments})"
    if paired:
        made, values = f"({made}, more_)", (*values, "more_")
    source = f"lambda rows: [{made} for {', '.join(values)}, in rows]"
    make: Make = eval(source, {"Record": shape.kind})  # noqa: S307 -- of the names of fields alone
    return make
