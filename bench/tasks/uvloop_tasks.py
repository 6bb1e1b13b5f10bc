"""Many tasks at once on uvloop: --wait future|sleep, --count N.

Prints one line: bytes per waiting task, nanoseconds to create one and to cancel one. Invariants:
line by line the same program as uvio.mjs; memory is read where memory.mjs reads it.
"""

import argparse
import asyncio
import gc
import json
import math
import pathlib
import resource
import time

import uvloop

HOUR = 3600


async def wait_on_future():
    await asyncio.get_running_loop().create_future()


async def wait_in_sleep():
    await asyncio.sleep(HOUR)


async def nothing():
    pass


WAITS = {"future": wait_on_future, "sleep": wait_in_sleep}


def resident_bytes():
    gc.collect()
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


async def measure(body, count):
    before = resident_bytes()
    start = time.process_time_ns()
    tasks = []
    for _ in range(count):
        tasks.append(asyncio.create_task(body()))
    await asyncio.create_task(nothing())
    created = time.process_time_ns()

    memory = resident_bytes() - before

    begin = time.process_time_ns()
    for task in tasks:
        task.cancel()
    await asyncio.gather(tasks[-1], return_exceptions=True)
    cancelled = time.process_time_ns()

    if not all(task.cancelled() for task in tasks):
        raise RuntimeError("a task is not cancelled")
    return {
        "memory": memory / count,
        "create": (created - start) / count,
        "cancel": (cancelled - begin) / count,
    }


async def report(body, count):
    await measure(body, math.ceil(count / 100))
    print(json.dumps(await measure(body, count)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wait", choices=list(WAITS), required=True)
    parser.add_argument("--count", type=int, required=True)
    arguments = parser.parse_args()
    uvloop.install()
    asyncio.run(report(WAITS[arguments.wait], arguments.count))


main()
