"""Condition. See ../conditions.test.ts; the names are those of Lib/test/test_asyncio/test_locks.py."""

import asyncio

from stage import attempt, log, outcome, task_scenario
from workers import holding, start, state, turns


@task_scenario
async def wait():
    condition = asyncio.Condition()
    for name in '123':
        start(name, condition.acquire, condition.wait)
    await turns()
    log(state(condition))
    await condition.acquire()
    condition.notify()
    await turns()
    log(state(condition))
    condition.release()
    await turns()
    log(state(condition))
    condition.notify(2)
    await turns()
    log(state(condition))
    condition.release()
    await turns()
    condition.release()
    await turns()
    log(state(condition))


@task_scenario
async def wait_cancel():
    condition = asyncio.Condition()
    await condition.acquire()
    task = start('a', condition.wait)
    asyncio.get_running_loop().call_soon(task.cancel)
    await turns(3)
    log(task.cancelled(), state(condition))


@task_scenario
async def wait_cancel_contested():
    loop = asyncio.get_running_loop()
    condition = asyncio.Condition()
    await condition.acquire()
    task = start('a', condition.wait)
    await turns()
    log(state(condition))
    await condition.acquire()
    condition.notify()
    loop.call_soon(task.cancel)
    loop.call_soon(condition.release)
    await turns(4)
    log(task.cancelled(), state(condition))


@task_scenario
async def wait_cancel_after_notify():
    condition = asyncio.Condition()
    waiter = holding('a', condition, condition.wait)
    await turns()
    await condition.acquire()
    condition.notify()
    await turns()
    waiter.cancel()
    await turns()
    log(waiter.done())
    condition.release()
    await turns()
    log(waiter.cancelled(), state(condition))


@task_scenario
async def wait_unacquired():
    await outcome('wait', asyncio.Condition().wait())


@task_scenario
async def wait_for():
    condition = asyncio.Condition()
    present = 0

    def predicate():
        log('looks', present)
        return present == 2 and 'enough'

    holding('a', condition, lambda: condition.wait_for(predicate))
    await turns()
    for _ in range(2):
        async with condition:
            present += 1
            condition.notify()
        await turns(2)
    log(state(condition))


@task_scenario
async def wait_for_unacquired():
    condition = asyncio.Condition()
    log(await condition.wait_for(lambda: 'at once'))
    await outcome('wait_for', condition.wait_for(lambda: False))


@task_scenario
async def notify():
    condition = asyncio.Condition()
    for name in '1234':
        holding(name, condition, condition.wait)
    await turns()
    async with condition:
        condition.notify(1)
    await turns(2)
    async with condition:
        condition.notify(1)
        condition.notify(5)
    log(state(condition))
    await turns(4)
    log(state(condition))


@task_scenario
async def notify_all():
    condition = asyncio.Condition()
    for name in '123':
        holding(name, condition, condition.wait)
    await turns()
    async with condition:
        condition.notify_all()
    log(state(condition))
    await turns(4)
    log(state(condition))


@task_scenario
async def notify_unacquired():
    condition = asyncio.Condition()
    attempt('notify', condition.notify)
    attempt('notify_all', condition.notify_all)
    attempt('release', condition.release)


@task_scenario
async def explicit_lock():
    lock = asyncio.Lock()
    condition = asyncio.Condition(lock)
    other = asyncio.Condition(lock)
    await lock.acquire()
    log(condition.locked(), other.locked())
    condition.release()
    log(lock.locked())
    holding('a', condition, condition.wait)
    holding('b', other, other.wait)
    await turns()
    async with lock:
        other.notify()
        condition.notify()
    await turns(3)
    log(state(condition), state(other))


@task_scenario
async def cancelled_error_wakeup():
    condition = asyncio.Condition()
    task = holding('a', condition, lambda: condition.wait_for(lambda: False))
    await turns()
    task.cancel('foo')
    await turns(2)
    log(task.cancelled(), state(condition))


@task_scenario
async def cancelled_while_the_lock_is_taken():
    condition = asyncio.Condition()
    task = holding('a', condition, condition.wait)
    await turns()
    await condition.acquire()
    task.cancel()
    await turns(3)
    log(task.done(), state(condition))
    condition.release()
    await turns()
    log(task.cancelled(), state(condition))
