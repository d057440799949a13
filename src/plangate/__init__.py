"""Plangate: one GraphQL graph over plans kept in several systems. README.md is the way in."""


def __getattr__(name: str) -> str:
    """`__version__`, read when it is asked for: most commands never ask."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("plangate")
    except PackageNotFoundError:  # run from a source tree
        return "0+source"
