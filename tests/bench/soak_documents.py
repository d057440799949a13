"""A worker and 600 documents with many conditions: memory stays within the bound of prepared operations.

    python tests/bench/soak_documents.py

Each document has 5 conditions, so 32 variants, and is asked for 8 of them. Every variant is compiled by itself: without a
bound they take more than 400 MB. Prints the worker's resident memory as it goes. Fails if it grows by more than
`operation_cache_bytes` and half as much for the fragmentation of the heap.
"""

import asyncio

from serving import Client, resident, worker

DOCUMENTS, VARIANTS = 600, 8
CACHE_MB = 64.0
CONDITIONS = "abcde"


def document(number: int) -> str:
    selections = " ".join(
        f"... @include(if: ${c}) {{ x{c}{number}: actions(first: 1) {{ nodes {{ id title status dueDate createdAt }} }} "
        f"y{c}{number}: tasks(first: 1) {{ nodes {{ id title }} }} }}"
        for c in CONDITIONS
    )
    declared = " ".join(f"${c}: Boolean!" for c in CONDITIONS)
    return f'query ({declared}) {{ plans(first: 1, sources: ["store"]) {{ nodes {{ {selections} }} }} }}'


async def main() -> None:
    async with worker(PLANGATE_COALESCE="false", PLANGATE_OPERATION_CACHE_BYTES=str(int(CACHE_MB * 1e6))) as (
        pid,
        port,
    ):
        numbers = iter(range(DOCUMENTS))
        first = resident(pid)
        print(f"{DOCUMENTS} documents of {len(document(100))} characters, {VARIANTS} variants; at first {first:.0f} MB")

        async def ask() -> None:
            async with Client(port) as client:
                for number in numbers:
                    for bits in range(31, 31 - VARIANTS, -1):
                        variables = {c: bool(bits >> place & 1) for place, c in enumerate(CONDITIONS)}
                        answer = await client.ask(document(number), variables)
                        assert answer.startswith(b'{"data":{"plans":{"nodes":[{'), answer[:200]
                    if number % 100 == 99:
                        print(f"after {number + 1} documents: {resident(pid):.0f} MB", flush=True)

        await asyncio.gather(*(ask() for _ in range(4)))
        grown = resident(pid) - first
        print(f"grown by {grown:.0f} MB")
        assert grown < 1.5 * CACHE_MB, "memory grows past the bound of prepared operations"


if __name__ == "__main__":
    asyncio.run(main())
