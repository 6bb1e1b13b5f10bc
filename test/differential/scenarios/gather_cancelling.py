"""Cancelling gather, and tasks that wait for it. See ../gather_cancelling.test.ts."""

import asyncio

from cancelling import new_future, wait
from gathering import work
from stage import Boom, log, outcome, task_scenario


@task_scenario
async def outer_is_cancelled():
    gathered = asyncio.gather(wait(new_future(), 'a'), wait(new_future(), 'b'))
    await asyncio.sleep(0)
    log(gathered.cancel(), gathered.done())
    await outcome('gather', gathered)
    log(gathered.cancelled(), gathered.cancel())


@task_scenario
async def outer_is_cancelled_with_return_exceptions():
    gathered = asyncio.gather(
        wait(new_future(), 'a'), wait(new_future(), 'b'), return_exceptions=True
    )
    await asyncio.sleep(0)
    log(gathered.cancel('all'))
    await outcome('gather', gathered)


@task_scenario
async def outer_is_cancelled_before_the_first_step():
    gathered = asyncio.gather(work('a', 0), work('b', 0))
    gathered.cancel()
    await outcome('gather', gathered)


@task_scenario
async def outer_is_cancelled_when_one_is_done():
    gathered = asyncio.gather(work('a', 0), wait(new_future(), 'b'))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gathered.cancel()
    await outcome('gather', gathered)


@task_scenario
async def child_swallows():
    async def swallows():
        try:
            await new_future()
        except asyncio.CancelledError:
            log('swallows')
        return 'swallowed'

    gathered = asyncio.gather(swallows(), swallows())
    await asyncio.sleep(0)
    gathered.cancel()
    await outcome('gather', gathered)


@task_scenario
async def task_that_gathers_is_cancelled():
    async def main():
        try:
            await asyncio.gather(wait(new_future(), 'a'), wait(new_future(), 'b'))
        except asyncio.CancelledError as error:
            log('main sees', error)
            raise

    task = asyncio.create_task(main())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    log(task.cancel())
    await outcome('task', task)
    log(task.cancelled())


@task_scenario
async def task_that_gathers_is_cancelled_after_failure():
    async def main():
        await outcome('gather', asyncio.gather(work('a', 1, Boom('a')), work('b', 4)))
        await wait(new_future(), 'main')

    task = asyncio.create_task(main())
    for _ in range(8):
        await asyncio.sleep(0)
    task.cancel()
    await outcome('task', task)


@task_scenario
async def nested_cancel():
    inner = asyncio.gather(wait(new_future(), 'a'), wait(new_future(), 'b'))
    gathered = asyncio.gather(inner, wait(new_future(), 'c'))
    await asyncio.sleep(0)
    gathered.cancel('nested')
    await outcome('gather', gathered)
    log(inner.cancelled(), gathered.cancelled())
