"""Processes started by asyncio, or uvloop: `--loop`; the rest as in rate.mjs, figure by figure."""

import argparse
import asyncio
import json
import statistics
import time
import types

CONCURRENCY = 16
WARM_UP = 32
MIB = 2**20


@types.coroutine
def first_step_timed(coroutine, blocked):
    """Runs `coroutine`, and notes in microseconds how long its first step took, in which the process is started."""
    began = time.perf_counter()
    steps = coroutine.__await__()
    future = next(steps)
    blocked.append((time.perf_counter() - began) * 1e6)
    while True:
        yield future
        try:
            future = next(steps)
        except StopIteration as end:
            return end.value


async def main(options):
    memory = [bytearray(b'x' * MIB) for _ in range(options.heap)]
    blocked = []

    async def one():
        process = await first_step_timed(
            asyncio.create_subprocess_exec(
                '/bin/true',
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            ),
            blocked,
        )
        await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f'a process ended with {process.returncode}')

    async def work(is_over):
        while not is_over():
            await one()

    async def in_parallel(is_over):
        await asyncio.gather(*(work(is_over) for _ in range(CONCURRENCY)))

    await in_parallel(lambda: len(blocked) >= WARM_UP)
    blocked.clear()
    began = time.monotonic()
    end = began + options.seconds
    await in_parallel(lambda: time.monotonic() >= end)
    each = (time.monotonic() - began) * 1e6 / len(blocked)
    assert len(memory) == options.heap
    print(json.dumps({'each': each, 'blocked': statistics.median(blocked)}))


parser = argparse.ArgumentParser()
parser.add_argument('--loop', choices=['asyncio', 'uvloop'], default='uvloop')
parser.add_argument('--heap', type=int, required=True)
parser.add_argument('--seconds', type=float, required=True)
options = parser.parse_args()
if options.loop == 'uvloop':
    import uvloop

    uvloop.install()
asyncio.run(main(options))
