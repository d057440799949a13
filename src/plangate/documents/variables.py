"""The limits of variables, which hold before graphql-core coerces them.

Coercing costs microseconds per value, and an argument's variable is coerced once but converted at each of its uses.
So values are counted once per use, in one pass that ends at the first limit.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from .limits import Limits, RequestError, at_most

_CONTAINERS = (list, dict)


def check_variables(
    declared: Iterable[str], variables: Mapping[str, Any], uses: Mapping[str, int], limits: Limits
) -> None:
    """Refuse variables (as JSON gives them) with too many values, too long lists or too deep nesting.

    `uses` says how often the operation writes each variable, with fragments written out. Raises `RequestError`.
    """
    total = 0
    for name in declared:
        value = variables.get(name)
        if isinstance(value, _CONTAINERS):
            total += _values_in(name, value, limits) * uses.get(name, 1)
    if total > limits.values:
        at_most(total, limits.values, "VALUES", "values in its variables, counted at each use")


def _values_in(name: str, value: Any, limits: Limits) -> int:
    """How many values a variable holds, itself included; containers are visited level by level."""
    total, depth, level = 1, 0, [value]
    while level:
        depth += 1
        if depth > limits.value_depth:
            message = f"The variable '${name}' is nested deeper than {limits.value_depth} levels. Send a flatter value."
            raise RequestError("MAX_VALUE_DEPTH_EXCEEDED", message)
        below: list[Any] = []
        for each in level:
            size = len(each)
            if (total := total + size) > limits.values:
                at_most(total, limits.values, "VALUES", "or more values in its variables")
            if isinstance(each, dict):
                below += each.values()
            elif size > limits.list_items:
                message = (
                    f"A list in the variable '${name}' has {size} items; at most {limits.list_items} are allowed. "
                    "Send them in several requests."
                )
                raise RequestError("MAX_LIST_ITEMS_EXCEEDED", message)
            else:
                below += each
        level = [each for each in below if isinstance(each, _CONTAINERS)]
    return total
