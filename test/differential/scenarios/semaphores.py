"""Semaphore and BoundedSemaphore. See ../semaphores.test.ts; names as in test_asyncio/test_locks.py."""

import asyncio

from stage import log, task_scenario
from workers import holding, start, state, turns


@task_scenario
async def acquire():
    semaphore = asyncio.Semaphore(3)
    await semaphore.acquire()
    await semaphore.acquire()
    log(state(semaphore))
    for name in '1234':
        start(name, semaphore.acquire)
    await turns()
    log(state(semaphore))
    semaphore.release()
    semaphore.release()
    log(state(semaphore), semaphore.locked())
    await turns()
    log(state(semaphore))
    semaphore.release()
    await turns()
    log(state(semaphore))
    for _ in range(4):
        semaphore.release()
    log(state(semaphore))


@task_scenario
async def acquire_cancel():
    semaphore = asyncio.Semaphore()
    await semaphore.acquire()
    task = start('a', semaphore.acquire)
    asyncio.get_running_loop().call_soon(task.cancel)
    await turns(3)
    log(task.cancelled(), state(semaphore))


@task_scenario
async def acquire_cancel_before_awoken():
    semaphore = asyncio.Semaphore(0)
    tasks = [start(name, semaphore.acquire) for name in '1234']
    await turns()
    tasks[0].cancel()
    tasks[1].cancel()
    semaphore.release()
    await turns(2)
    log([task.done() for task in tasks], state(semaphore))
    tasks[3].cancel()
    await turns()
    log(state(semaphore))


@task_scenario
async def acquire_hang():
    semaphore = asyncio.Semaphore(0)
    first = start('1', semaphore.acquire)
    second = start('2', semaphore.acquire)
    await turns()
    first.cancel()
    semaphore.release()
    await turns(2)
    log(semaphore.locked(), second.done())


@task_scenario
async def acquire_no_hang():
    semaphore = asyncio.Semaphore(1)
    tasks = []
    first = holding('1', semaphore, lambda: asyncio.sleep(0))
    tasks.append(holding('2', semaphore))
    first.add_done_callback(lambda _: log('cancels', tasks[0].cancel()))
    await turns(5)
    log(tasks[0].cancelled(), state(semaphore))
    await semaphore.acquire()
    log(state(semaphore))


@task_scenario
async def cancelled_at_release():
    semaphore = asyncio.Semaphore(1)
    await semaphore.acquire()
    task = start('1', semaphore.acquire)
    await turns()
    semaphore.release()  # promised to 1, which is cancelled before its turn
    task.cancel()
    log(semaphore.locked())
    await turns()
    log(task.cancelled(), state(semaphore))


@task_scenario
async def promise_passed_on():
    semaphore = asyncio.Semaphore(0)
    first = start('1', semaphore.acquire)
    start('2', semaphore.acquire)
    await turns()
    semaphore.release()
    first.cancel('no')
    log(state(semaphore))
    await turns()
    log(state(semaphore))
    await turns()
    log(state(semaphore))


@task_scenario
async def release_not_acquired():
    try:
        asyncio.BoundedSemaphore().release()
    except ValueError as error:
        log(str(error))


@task_scenario
async def bounded_release_while_promised():
    semaphore = asyncio.BoundedSemaphore(2)
    await semaphore.acquire()
    await semaphore.acquire()
    start('a', semaphore.acquire)
    await turns()
    semaphore.release()
    semaphore.release()
    log(state(semaphore))
    await turns()
    semaphore.release()
    log(state(semaphore))
    try:
        semaphore.release()
    except ValueError as error:
        log(str(error), state(semaphore))


@task_scenario
async def release_no_waiters():
    semaphore = asyncio.Semaphore()
    await semaphore.acquire()
    log(semaphore.locked())
    semaphore.release()
    log(semaphore.locked(), state(semaphore))


@task_scenario
async def unbounded_release():
    semaphore = asyncio.Semaphore(0)
    log(state(semaphore))
    semaphore.release()
    semaphore.release()
    log(state(semaphore))


@task_scenario
async def acquire_fifo_order():
    semaphore = asyncio.Semaphore(1)

    def nap():
        return asyncio.sleep(0)

    for name in '123':
        take = semaphore.acquire
        start(name, take, nap, semaphore.release, take, nap, semaphore.release)
    await turns(15)
    log(state(semaphore))


@task_scenario
async def acquire_fifo_order_2():
    semaphore = asyncio.Semaphore(1)
    start('1', semaphore.acquire)
    start('2', semaphore.acquire, semaphore.release, semaphore.acquire)
    start('3', semaphore.acquire)
    await turns()
    semaphore.release()
    semaphore.release()
    log(state(semaphore))
    await turns(4)
    log(state(semaphore))


@task_scenario
async def acquire_fifo_order_3():
    semaphore = asyncio.Semaphore(0)
    first = start('1', semaphore.acquire)
    start('2', semaphore.acquire)
    start('3', semaphore.acquire)
    await turns()
    first.cancel()
    await turns()
    semaphore.release()
    semaphore.release()
    await turns(3)
    log(state(semaphore))


@task_scenario
async def cancelled_with_more_to_come():
    semaphore = asyncio.Semaphore(0)
    first = start('1', semaphore.acquire)
    start('2', semaphore.acquire)
    start('3', semaphore.acquire)
    await turns()
    semaphore.release()
    first.cancel()
    semaphore.release()
    log(state(semaphore), semaphore.locked())
    await turns()
    log(state(semaphore))
    await turns()
    log(state(semaphore))
