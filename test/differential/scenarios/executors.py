"""run_in_executor, to_thread and the default executor. See ../executors.test.ts."""

import asyncio
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from stage import Boom, attempt, kind, log, outcome, scenario, task_scenario


def add(left, right):
    return left + right


def fails():
    raise Boom('from the thread')


@task_scenario
async def result_and_exception():
    loop = asyncio.get_running_loop()
    await outcome('result', loop.run_in_executor(None, add, 1, 2))
    future = loop.run_in_executor(None, add, 1, 2)
    log(isinstance(future, asyncio.Future), future.done(), future.get_loop() is loop)
    log(await future, future.done())
    try:
        await loop.run_in_executor(None, fails)
    except Exception as error:
        log(str(error))
    await loop.shutdown_default_executor()


@task_scenario
async def to_thread():
    log(await asyncio.to_thread(add, 1, 2))
    results = await asyncio.gather(*[asyncio.to_thread(add, value, 1) for value in range(5)])
    log(results)
    await asyncio.get_running_loop().shutdown_default_executor()


@task_scenario
async def cancelled_in_the_queue():
    loop = asyncio.get_running_loop()
    started, go_on = threading.Event(), threading.Event()

    def hold():
        started.set()
        go_on.wait()
        return 'held'

    with ThreadPoolExecutor(max_workers=1) as executor:
        running = loop.run_in_executor(executor, hold)
        while not started.is_set():
            await asyncio.sleep(0.001)
        queued = loop.run_in_executor(executor, add, 1, 2)
        last = loop.run_in_executor(executor, add, 3, 4)
        log(queued.cancel(), queued.cancelled(), queued.cancel())
        go_on.set()
        log(await running)
        await outcome('queued', queued)
        await outcome('last', last)


@task_scenario
async def shut_down_with_a_queue():
    loop = asyncio.get_running_loop()
    started, go_on = threading.Event(), threading.Event()

    def hold():
        started.set()
        go_on.wait()
        return 'held'

    executor = ThreadPoolExecutor(max_workers=1)
    running = loop.run_in_executor(executor, hold)
    while not started.is_set():
        await asyncio.sleep(0.001)
    queued = loop.run_in_executor(executor, add, 1, 2)
    executor.shutdown(wait=False)
    attempt('submit', lambda: loop.run_in_executor(executor, add, 1, 2))
    go_on.set()
    log(await running, await queued)
    executor.shutdown()

    started.clear()
    go_on.clear()
    executor = ThreadPoolExecutor(max_workers=1)
    running = loop.run_in_executor(executor, hold)
    while not started.is_set():
        await asyncio.sleep(0.001)
    queued = loop.run_in_executor(executor, add, 1, 2)
    executor.shutdown(wait=False, cancel_futures=True)
    go_on.set()
    log(await running)
    try:
        await queued
    except asyncio.CancelledError as error:
        log(kind(error))


@task_scenario
async def default_executor_type():
    loop = asyncio.get_running_loop()
    for executor in None, 5, ProcessPoolExecutor():
        attempt('set', lambda executor=executor: loop.set_default_executor(executor))
    with ThreadPoolExecutor(max_workers=1) as executor:
        attempt('set', lambda: loop.set_default_executor(executor))
        log(await loop.run_in_executor(None, add, 1, 2))


@task_scenario
async def after_shutdown():
    loop = asyncio.get_running_loop()
    log(await loop.shutdown_default_executor())
    attempt('run', lambda: loop.run_in_executor(None, add, 1, 2))
    await outcome('to_thread', asyncio.to_thread(add, 1, 2))
    with ThreadPoolExecutor(max_workers=1) as executor:
        log(await loop.run_in_executor(executor, add, 1, 2))
        loop.set_default_executor(executor)
        attempt('run', lambda: loop.run_in_executor(None, add, 1, 2))
    log(await loop.shutdown_default_executor())


@scenario
def after_close(_loop):
    loop = asyncio.new_event_loop()
    loop.run_until_complete(loop.run_in_executor(None, add, 1, 2))
    loop.close()
    attempt('run', lambda: loop.run_in_executor(None, add, 1, 2))


@scenario
def the_end_of_run(_loop):
    ends = []

    async def main():
        loop = asyncio.get_running_loop()

        async def rest():
            try:
                await asyncio.sleep(3600)
            finally:
                log('task ends', await loop.run_in_executor(None, add, 1, 2))

        ends.append(asyncio.create_task(rest()))
        ends.append(loop.run_in_executor(None, add, 3, 4))
        await asyncio.sleep(0)
        return 'main'

    log(asyncio.run(main()))
    log(ends[0].cancelled(), ends[1].result())
