"""What is asked: a document's text becomes an `Operation`, or a `RequestError` that says why not.

`document` parses a text under a limit of tokens, has `limits` measure it, has graphql-core validate it only then, and
chooses the operation. `limits.cost_of` counts the objects that an operation may touch with given variables.

Measure, then walk: `limits` counts the selections of a document with every fragment written out, each fragment once, so
nothing exponential is ever walked. What is left is small enough for one plain walk, `engine.selection.merged`: the
fields below a place, through fragments, merged by response name. Depth, root fields, merges and cost are all read off
it. Comparing merged fields pair by pair is what makes validation quadratic, so the pairs have a limit of their own, and
where nothing is merged that rule is left out. Within the default limits no document takes 50 ms to prepare.
"""

from .document import Cache, Operation, is_compilable, load_operation
from .limits import Limits, RequestError, Weigh, cost_of

__all__ = ["Cache", "Limits", "Operation", "RequestError", "Weigh", "cost_of", "is_compilable", "load_operation"]
