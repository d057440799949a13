"""The compiled, breadth-first GraphQL executor.

graphql-core resolves depth first: for every object, for every field, it builds an info, calls a resolver, looks for
an awaitable and completes one value: about 3 us a field. A list of 1,000 objects with 10 leaves costs 46 ms. This
engine compiles an operation once and runs it level by level: the same list costs 0.7 ms, and its answer is the
same, errors and all. It knows GraphQL and nothing of its host, who says by `bind` how each field is resolved.

    engine = Engine(schema, bind=bind, limits=Limits(depth=10))
    response = await engine.execute("{ plans { id series { title } } }", variables={}, context=context)
    response.body()  # bytes

The life of a request
---------------------

1. `engine` looks the text up in one bounded cache. `document` parses a new text under a limit of tokens, has `limits`
   measure it, has graphql-core validate it only then, and makes it an `Operation`. A refusal is cached as well.
   `Engine.prepare` is this step alone: it tells a query from a mutation before anything runs.
2. graphql-core coerces the variables. `limits.cost_of` counts the objects that the operation may touch with them;
   over the limit, the request is refused. The cost is kept for the values of the variables that give sizes.
3. `plan` compiles the operation, once for each combination of values of the variables in its @skip and @include.
   graphql-core's own ``collect_fields`` collects the fields. The result is a tree: an `ObjectPlan` for each
   selection of an object type, a `Field` for each response field in it.
4. `execute` runs the plan. A `Frame` is all objects of one type at one place of the answer. Making a frame calls the
   one function that `project` has generated for its selection, which turns a list of objects into a list of dicts:
   leaves read and checked inline, a placeholder for each edge. Then each edge is resolved for all objects of the
   frame together, by its binding: an `Attribute` by reading it, a `Batch` by one awaited call, None by the field's own
   resolver, object by object with a real info, as graphql-core would.
5. `completion` takes an edge's values for all parents, flattens lists, sets nulls and errors aside, groups objects by
   their concrete type and makes their frames, whose dicts take the place of the placeholders. And so on, downwards.
6. The data of a `Response` is that tree of dicts, which orjson writes as it is.

Siblings are awaited together, and a single edge in place: tasks are made per edge, never per object, and none is
cancelled because another failed (graphql-core cancels siblings, and with them what they share). Root fields of a
mutation run one after another, each with all that is below it, and stop once an error has nulled the data.

Measure, then walk
------------------

`limits` counts the selections of a document with every fragment written out, each fragment once, so nothing exponential
is ever walked. What is left is small enough for one plain walk, `selection.merged`: the fields below a place, through
fragments, merged by response name. Depth, root fields, merges, cost and `Call.selection` are all read off it. Comparing
merged fields pair by pair is what makes validation quadratic, so the pairs have a limit of their own, and where
nothing is merged that rule is left out. Within the default limits no document takes 50 ms to prepare.

Errors cost nothing until there are some
----------------------------------------

No path is kept while all goes well. A leaf that fails the inline check goes to the type's own
``coerce_output_value``; if that raises, the objects are projected again field by field, and each failure is noted with
its frame, field and index. At the end `frame` finds each failure's path by the identity of the dicts, sorts them as a
depth-first execution would meet them, drops what lies below an earlier propagated null, and nulls what must be null.
That is exactly graphql-core's list for synchronous resolvers. For asynchronous ones that list depends on timing there,
within what the specification leaves open (which of several errors below one nulled position are listed); the data
never differs.

What is not compiled
--------------------

`is_compilable` is the one rule: subscriptions, @defer and @stream, introspection, directives on the operation
itself and fragment variables go, as a whole operation, to graphql-core's ``execute``. ``Engine(compiled=False)`` sends
everything there, through the same cache, limits and cost.

What differs from graphql-core, on purpose or by neglect: an asynchronous ``is_type_of`` or ``resolve_type`` is a
field error (declare ``runtime_types``, or make it synchronous); an `Attribute` must not be awaitable, and may be read
twice; a directive without its argument's value sends the operation to the stock executor; an iterable that fails
midway is one error of its list.

The host's part
---------------

``bind(type, field_name, field)`` is asked for each field that is compiled. A batch function is ``async (parents, call,
**arguments)``, answers one value per parent, in order, and gives an exception as the answer of a parent that
failed. `Call.selection` says which fields are wanted below; `selection_of` tells a stock resolver the same.
``native`` names the Python types of a custom scalar that orjson writes itself; ``runtime_types`` the object types
of Python classes, which spares ``is_type_of`` and ``resolve_type``; ``weigh`` a field's cost; ``mask`` rewrites
execution errors for the client.
"""

from .binding import Attribute, Batch, Bind, Binding, Call
from .document import Operation, is_compilable
from .engine import Engine, Response
from .limits import Limits, RequestError, Weigh
from .selection import selection_of

__all__ = [
    "Attribute", "Batch", "Bind", "Binding", "Call", "Engine", "Limits", "Operation", "RequestError", "Response",
    "Weigh", "is_compilable", "selection_of",
]  # fmt: skip
