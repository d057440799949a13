"""Code generation: one Python function per selection of an object type, which projects its leaf fields.

For ``{ id title series { id } }`` on Plan it writes, compiles and returns::

    def project(objects, frame):
        out = []
        add = out.append
        for o in objects:
            try:
                v0 = o.id
                if type(v0) is not str: v0 = slow0(v0)
                v1 = o.title
                if type(v1) is not str: v1 = slow1(v1)
                add({'id': v0, 'title': v1, 'series': None})
            except Exception:
                add(careful(o, frame, len(out)))
        return out

Edges have a placeholder that keeps the order of the keys. The fast path records nothing: an object whose leaf
raises is done again, field by field, by ``careful``, which records its errors. Names enter the source only as
``repr`` or after `str.isidentifier`; everything else is a named constant.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from keyword import iskeyword
from types import CodeType
from typing import Any

from .binding import Attribute, Method
from .leaf import LeafType

Projection = Callable[[Sequence[Any], Any], list[dict[str, Any]]]


def generate(
    leaves: Sequence[tuple[str, Attribute | Method, LeafType, Callable[[Any], Any]]],
    entries: Sequence[tuple[str, str | None]],
    careful: Callable[[Any, Any, int], dict[str, Any]],
) -> Projection:
    """The projection of ``leaves`` (response name, binding, type, completer) into dicts of ``entries``.

    An entry is a response name with its constant, which is None for a leaf's or an edge's value.
    """
    constants: dict[str, Any] = {"careful": careful}
    variables: dict[str, str] = {}
    lines: list[str] = []
    for number, (name, binding, leaf, complete) in enumerate(leaves):
        variable = variables[name] = f"v{number}"
        lines.append(f"{variable} = {_read(binding, number, constants)}")
        lines.append(leaf.statement(variable, f"slow{number}", f"memo{number}"))
        constants.update(leaf.constants, **{f"slow{number}": complete, f"memo{number}": leaf.memo})
    literal = ", ".join(f"{name!r}: {variables.get(name) or repr(constant)}" for name, constant in entries)
    body = "\n            ".join([*lines, f"add({{{literal}}})"])
    source = f"""
def project(objects, frame):
    out = []
    add = out.append
    for o in objects:
        try:
            {body}
        except Exception:
            add(careful(o, frame, len(out)))
    return out
"""
    exec(_compiled(source), constants)  # noqa: S102 -- the source is built above, from validated names
    project: Projection = constants["project"]
    return project


def _read(binding: Attribute | Method, number: int, constants: dict[str, Any]) -> str:
    if isinstance(binding, Method):
        constants[f"method{number}"] = binding.function
        return f"method{number}(o)"
    if binding.name.isidentifier() and not iskeyword(binding.name):
        return f"o.{binding.name}"
    return f"getattr(o, {binding.name!r})"


@lru_cache(maxsize=1024)
def _compiled(source: str) -> CodeType:
    """Selections of the same shape share their code; its constants are bound by each."""
    return compile(source, "<plangate.engine projection>", "exec")
