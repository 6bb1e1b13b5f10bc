"""gather: order, failures, cancellation. See ../gathering.test.ts."""

import asyncio

from cancelling import new_future, wait
from stage import Boom, log, logs, outcome, task_scenario


async def work(name, batches, error=None):
    for _ in range(batches):
        await asyncio.sleep(0)
    log(name, 'ends')
    if error is not None:
        raise error
    return name


@task_scenario
async def order():
    log(await asyncio.gather(work('a', 3), work('b', 1), work('c', 2)))


@task_scenario
async def empty():
    gathered = asyncio.gather()
    log(await gathered)
    log(gathered.done())


@task_scenario
async def empty_is_not_immediate():
    asyncio.get_running_loop().call_soon(log, 'callback')
    gathered = asyncio.gather()
    log('made')
    log(await gathered)
    await asyncio.sleep(0)


@task_scenario
async def starts_nothing_before_the_loop():
    gathered = asyncio.gather(work('a', 0), work('b', 0))
    log('gathered', gathered.done())
    log(await gathered)


@task_scenario
async def first_exception():
    gathered = asyncio.gather(work('a', 3), work('b', 1, Boom('b')), work('c', 2, Boom('c')))
    await outcome('gather', gathered)
    for _ in range(3):
        await asyncio.sleep(0)
    log('end')


@task_scenario
async def return_exceptions():
    log(
        await asyncio.gather(
            work('a', 2), work('b', 1, Boom('b')), work('c', 0, Boom('c')), return_exceptions=True
        )
    )


@task_scenario
async def child_is_cancelled():
    child = asyncio.create_task(wait(new_future()))
    other = asyncio.create_task(work('other', 3))
    gathered = asyncio.gather(child, other)
    await asyncio.sleep(0)
    child.cancel('child')
    await outcome('gather', gathered)
    log(gathered.done(), gathered.cancelled(), other.done())
    await other


@task_scenario
async def child_is_cancelled_with_return_exceptions():
    child = asyncio.create_task(wait(new_future()))
    gathered = asyncio.gather(child, work('other', 2), return_exceptions=True)
    await asyncio.sleep(0)
    child.cancel()
    await outcome('gather', gathered)


@task_scenario
async def duplicates():
    coroutine = work('a', 1)
    future = new_future()
    asyncio.get_running_loop().call_soon(future.set_result, 'set')
    log(await asyncio.gather(coroutine, future, coroutine, future))


@task_scenario
async def finished_members():
    done = new_future()
    done.set_result('done')
    failed = new_future()
    failed.set_exception(Boom('failed'))
    log(await asyncio.gather(done, done))
    await outcome('gather', asyncio.gather(done, failed))
    log(await asyncio.gather(done, failed, return_exceptions=True))


@task_scenario
async def done_callbacks():
    gathered = asyncio.gather(work('a', 0), work('b', 1))
    gathered.add_done_callback(lambda done: log('callback', done.result()))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(logs('soon'))
    await gathered
    log('main')
    await asyncio.sleep(0)


@task_scenario
async def nested():
    inner = asyncio.gather(work('a', 1), work('b', 0))
    log(await asyncio.gather(inner, work('c', 0)))
