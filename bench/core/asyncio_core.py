"""The operations of plan.json, or of another --plan, on asyncio's API, with --loop uvloop or --loop asyncio.

Prints one line, {operation: nanoseconds}. Invariants: line by line the same programs as
uvio-functions.mjs; timed by the same rule as timing.mjs has.
"""

import argparse
import asyncio
import json
import pathlib
import statistics
import time


async def call_soon_batch(count):
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    left = count

    def callback():
        nonlocal left
        left -= 1
        if left == 0:
            done.set_result(None)

    for _ in range(count):
        loop.call_soon(callback)
    await done


async def call_soon_chain(count):
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    left = count

    def callback():
        nonlocal left
        left -= 1
        if left == 0:
            done.set_result(None)
        else:
            loop.call_soon(callback)

    loop.call_soon(callback)
    await done


async def empty():
    pass


async def task_batch(count):
    for _ in range(count - 1):
        asyncio.create_task(empty())
    await asyncio.create_task(empty())


async def task_each(count):
    for _ in range(count):
        await asyncio.create_task(empty())


async def await_ready(count):
    future = asyncio.get_running_loop().create_future()
    future.set_result(None)
    for _ in range(count):
        await future


async def await_pending(count):
    loop = asyncio.get_running_loop()
    for _ in range(count):
        future = loop.create_future()
        loop.call_soon(future.set_result, None)
        await future


def in_tasks(tasks, body):
    return asyncio.gather(*[asyncio.create_task(body()) for _ in range(tasks)])


async def step(count, tasks):
    async def body():
        for _ in range(count // tasks):
            await asyncio.sleep(0)

    await in_tasks(tasks, body)


async def give_way():
    await asyncio.sleep(0)


async def gather(count, tasks):
    for _ in range(count // tasks):
        await asyncio.gather(*[give_way() for _ in range(tasks)])


async def hand_lock_over(count, tasks):
    lock = asyncio.Lock()

    async def body():
        for _ in range(count // tasks):
            await lock.acquire()
            await asyncio.sleep(0)
            lock.release()

    await in_tasks(tasks, body)


async def pass_items(count, maxsize):
    queue = asyncio.Queue(maxsize)

    async def produce():
        for i in range(count):
            await queue.put(i)

    producer = asyncio.create_task(produce())
    for _ in range(count):
        await queue.get()
    await producer


BODIES = {
    "callSoonBatch": call_soon_batch,
    "callSoonChain": call_soon_chain,
    "taskBatch": task_batch,
    "taskEach": task_each,
    "awaitReady": await_ready,
    "awaitPending": await_pending,
    "step": step,
    "gather": gather,
    "lock": hand_lock_over,
    "queueOne": pass_items,
    "queueMany": pass_items,
}


async def sample(body, parameters):
    start = time.process_time_ns()
    await asyncio.create_task(body(**parameters))
    return (time.process_time_ns() - start) / parameters["count"]


async def time_operations(plan):
    figures = {}
    for name, operation in plan["operations"].items():
        times = []
        for _ in range(plan["warmups"] + plan["samples"]):
            times.append(await sample(BODIES[name], operation["parameters"]))
        figures[name] = statistics.median(times[plan["warmups"] :])
    return figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--loop", choices=["uvloop", "asyncio"], required=True)
    parser.add_argument("--plan", default="plan.json")
    arguments = parser.parse_args()
    if arguments.loop == "uvloop":
        import uvloop

        uvloop.install()
    plan = json.loads(pathlib.Path(__file__).with_name(arguments.plan).read_text())
    print(json.dumps(asyncio.run(time_operations(plan))))


main()
