"""Documents: a text becomes an `Operation`, or a `RequestError` that says why not.

`document` parses a text under a limit of tokens, chooses the operation, has `limits` measure it, and has graphql-core
validate it only then. `variables` bounds the variables of a request before they are coerced. `cost` counts the objects
that an operation may touch with given variables. `cache` keeps what was prepared, bounded in bytes.

Limits count for the operation that is asked for, with the fragments that it uses. Of a document with several
operations the others are parsed, but neither counted nor validated.

Measure, then walk: `limits` counts the selections of a document with every fragment written out, each fragment once, so
nothing exponential is ever walked. What is left is small enough for one plain walk, `engine.selection.merged`: the
fields below a place, through fragments, merged by response name. Depth, root fields, merges and cost are all read off
it. Comparing merged fields pair by pair is what makes validation quadratic, so the pairs have a limit of their own, and
where nothing is merged that rule is left out. Within the default limits no document takes 50 ms to prepare.
"""

from .cache import Cache
from .cost import Cost, CostModel, FieldCost, GetFieldCost, size_of
from .document import Disclosure, Operation, is_compilable, load_operation
from .limits import Limits, RequestError
from .variables import check_variables

__all__ = [
    "Cache", "Cost", "CostModel", "Disclosure", "FieldCost", "GetFieldCost", "Limits", "Operation", "RequestError",
    "check_variables", "is_compilable", "load_operation", "size_of",
]  # fmt: skip
