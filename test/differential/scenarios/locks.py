"""Lock and Event. See ../locks.test.ts; most names are those of Lib/test/test_asyncio/test_locks.py."""

import asyncio

from stage import attempt, log, task_scenario
from workers import holding, start, state, turns


@task_scenario
async def lock_acquire():
    lock = asyncio.Lock()
    await lock.acquire()
    start('a', lock.acquire)
    start('b', lock.acquire)
    await turns()
    log(state(lock))
    lock.release()
    log(state(lock))
    await turns()
    log(state(lock))
    start('c', lock.acquire)
    lock.release()
    await turns()
    lock.release()
    await turns()
    log(state(lock))


@task_scenario
async def lock_acquire_cancel():
    lock = asyncio.Lock()
    await lock.acquire()
    task = start('a', lock.acquire)
    asyncio.get_running_loop().call_soon(task.cancel)
    await turns(3)
    log(task.cancelled(), state(lock))


@task_scenario
async def lock_cancel_race():
    lock = asyncio.Lock()
    blocker = asyncio.get_running_loop().create_future()
    holding('a', lock, lambda: blocker)
    await turns()
    b = holding('b', lock)
    await turns()
    holding('c', lock)
    await turns()
    log(state(lock))
    blocker.set_result(None)
    b.cancel()
    await turns()
    log(state(lock), b.cancelled())
    await turns(3)
    log(state(lock))


@task_scenario
async def lock_cancel_release_race():
    loop = asyncio.get_running_loop()
    lock = asyncio.Lock()
    await lock.acquire()
    first = start('1', lock.acquire)
    start('2', lock.acquire)
    third = start('3', lock.acquire)
    await turns()

    def trigger():
        first.cancel()
        lock.release()

    loop.call_soon(trigger)
    await turns(3)
    log(first.cancelled(), state(lock))
    third.cancel()
    await turns()
    log(third.cancelled(), state(lock))


@task_scenario
async def lock_finished_waiter_cancelled():
    lock = asyncio.Lock()
    await lock.acquire()
    b = start('b', lock.acquire)
    await turns()
    start('c', lock.acquire)
    b.cancel()
    lock.release()
    log(state(lock))
    await turns()
    log(b.cancelled(), state(lock))
    await turns(2)
    log(state(lock))


@task_scenario
async def lock_cancel_wakeup():
    lock = asyncio.Lock()
    await lock.acquire()
    b = start('b', lock.acquire)
    start('c', lock.acquire)
    await turns()
    lock.release()  # b is woken, and then cancelled before its turn
    b.cancel('late')
    log(state(lock))
    await turns()
    log(b.cancelled(), state(lock))
    await turns()
    log(state(lock))


@task_scenario
async def lock_all_woken_cancelled():
    lock = asyncio.Lock()
    await lock.acquire()
    tasks = [start(name, lock.acquire) for name in 'abc']
    await turns()
    lock.release()
    for task in tasks:
        task.cancel()
    await turns()
    log(state(lock))
    start('d', lock.acquire)
    await turns()
    log(state(lock))


@task_scenario
async def lock_nobody_overtakes():
    lock = asyncio.Lock()
    await lock.acquire()
    start('waits', lock.acquire, lock.release)
    await turns()
    lock.release()
    start('comes later', lock.acquire, lock.release)
    log(state(lock), lock.locked())
    await lock.acquire()
    log('takes it again')
    lock.release()
    await turns()


@task_scenario
async def lock_overtakes_the_cancelled():
    lock = asyncio.Lock()
    await lock.acquire()
    task = start('waits', lock.acquire)
    await turns()
    task.cancel()
    lock.release()
    await lock.acquire()
    log(state(lock))
    await turns()
    log(state(lock))


@task_scenario
async def lock_release_not_acquired():
    attempt('release', asyncio.Lock().release)


@task_scenario
async def lock_release_no_waiters():
    lock = asyncio.Lock()
    await lock.acquire()
    log(lock.locked())
    lock.release()
    log(lock.locked())


@task_scenario
async def lock_cancelled_twice():
    lock = asyncio.Lock()
    await lock.acquire()
    task = start('a', lock.acquire)
    await turns()
    task.cancel('first')
    task.cancel('second')
    await turns(2)
    log(task.cancelling(), state(lock))


@task_scenario
async def lock_places_in_the_ready_queue():
    loop = asyncio.get_running_loop()
    lock = asyncio.Lock()
    await lock.acquire()
    start('a', lock.acquire, lock.release, lambda: asyncio.sleep(0), lock.acquire)
    start('b', lock.acquire, lock.release)
    await turns()
    loop.call_soon(log, 'before')
    lock.release()
    loop.call_soon(log, 'after')
    await turns()
    log('turn')
    await turns(3)


@task_scenario
async def lock_ping_pong():
    lock = asyncio.Lock()

    def nap():
        return asyncio.sleep(0)

    for name in ('ping', 'pong', 'pung'):
        start(name, *[lock.acquire, nap, lock.release, nap] * 3)
    await turns(25)


@task_scenario
async def event_wait():
    event = asyncio.Event()
    start('1', event.wait)
    start('2', event.wait)
    await turns()
    log(state(event))
    start('3', event.wait)
    event.set()
    log(state(event))
    await turns()
    log(state(event))
    start('4', event.wait)
    await turns()


@task_scenario
async def event_wait_cancel():
    event = asyncio.Event()
    task = start('a', event.wait)
    asyncio.get_running_loop().call_soon(task.cancel)
    await turns(3)
    log(task.cancelled(), state(event))


@task_scenario
async def event_clear_with_waiters():
    event = asyncio.Event()
    start('a', event.wait)
    await turns()
    event.set()
    event.clear()
    log(event.is_set())
    event.set()
    event.set()
    log(state(event))
    await turns()
    log(state(event))
    event.clear()
    log(event.is_set(), state(event))


@task_scenario
async def event_set_and_cancel():
    event = asyncio.Event()
    a = start('a', event.wait)
    start('b', event.wait)
    await turns()
    event.set()
    a.cancel('too late for the event')
    await turns()
    log(a.cancelled(), state(event))
