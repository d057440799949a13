"""Emulators: faithful stand-ins for the upstream systems, one package each.

An emulator is a small Starlette app that speaks one system's REST dialect over real HTTP, with deterministic data,
a log of every request (so that a test can count calls) and a switchboard of faults. The demo, the tests and the
benchmarks run against emulators; production never imports them, and they import nothing of the rest of Plangate.

What a system does and what an emulator merely assumes are kept apart: facts carry their provenance tag of
`upstreams.md` (`[S]` seed, `[V]` vendor, `[K]` client library, `[I]` issue thread, `[inf]` inferred), and whatever is
unknown upstream is called a *stand-in*.
"""
