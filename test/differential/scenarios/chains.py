"""Cancellation through tasks that wait for tasks. See ../chains.test.ts."""

import asyncio

from cancelling import new_future, wait
from stage import Boom, log, outcome, task_scenario


async def sees(name, awaitable):
    """Awaits, and says what it sees."""
    try:
        result = await awaitable
    except BaseException as error:
        log(name, 'sees', error)
        raise
    log(name, 'got', result)
    return result


@task_scenario
async def outer_cancels_inner():
    inner = asyncio.create_task(wait(new_future(), 'inner'))
    outer = asyncio.create_task(sees('outer', inner))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    log(outer.cancel('why'), inner.cancelling(), outer.cancelling())
    await outcome('await', outer)
    log(inner.cancelled(), outer.cancelled())


@task_scenario
async def inner_cancels_outer():
    inner = asyncio.create_task(wait(new_future(), 'inner'))
    outer = asyncio.create_task(sees('outer', inner))
    await asyncio.sleep(0)
    log(inner.cancel('why'), inner.cancelling(), outer.cancelling())
    await outcome('await', outer)
    log(inner.cancelled(), outer.cancelled())


@task_scenario
async def inner_swallows():
    async def swallows():
        try:
            await new_future()
        except asyncio.CancelledError:
            log('inner swallows')
        return 'result'

    inner = asyncio.create_task(swallows())
    outer = asyncio.create_task(sees('outer', inner))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    outer.cancel()
    await outcome('await', outer)
    log(inner.cancelled(), outer.cancelled())


@task_scenario
async def inner_replaces():
    async def replaces():
        try:
            await new_future()
        finally:
            raise Boom('instead')

    inner = asyncio.create_task(replaces())
    outer = asyncio.create_task(sees('outer', inner))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    outer.cancel()
    await outcome('await', outer)


@task_scenario
async def inner_takes_its_time():
    async def slow():
        try:
            await new_future()
        finally:
            log('inner cleans')
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            log('inner has cleaned')

    inner = asyncio.create_task(slow())
    outer = asyncio.create_task(sees('outer', inner))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    outer.cancel()
    await asyncio.sleep(0)
    log('outer done', outer.done())
    await outcome('await', outer)


@task_scenario
async def inner_is_not_started():
    async def makes_inner():
        inner = asyncio.create_task(wait(new_future(), 'inner'))
        asyncio.current_task().cancel()
        await sees('outer', inner)

    await outcome('await', asyncio.create_task(makes_inner()))
    await asyncio.sleep(0)


@task_scenario
async def three_deep():
    first = asyncio.create_task(wait(new_future(), 'first'))
    second = asyncio.create_task(sees('second', first))
    third = asyncio.create_task(sees('third', second))
    for _ in range(3):
        await asyncio.sleep(0)
    third.cancel('deep')
    await outcome('await', third)
    log(first.cancelling(), second.cancelling(), third.cancelling())


@task_scenario
async def two_wait_for_one():
    inner = asyncio.create_task(wait(new_future(), 'inner'))
    one = asyncio.create_task(sees('one', inner))
    two = asyncio.create_task(sees('two', inner))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    one.cancel()
    await outcome('two', two)
    await outcome('one', one)


@task_scenario
async def cancelled_twice_through():
    async def stubborn():
        for _ in range(2):
            try:
                await new_future()
            except asyncio.CancelledError as error:
                log('inner', error)
        return 'inner result'

    inner = asyncio.create_task(stubborn())
    outer = asyncio.create_task(sees('outer', inner))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    outer.cancel('one')
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    log('outer done', outer.done())
    outer.cancel('two')
    await outcome('await', outer)
    log(outer.cancelling(), inner.cancelling())


@task_scenario
async def shared_future():
    future = new_future()
    one = asyncio.create_task(sees('one', future))
    two = asyncio.create_task(sees('two', future))
    await asyncio.sleep(0)
    one.cancel('shared')
    await outcome('one', one)
    await outcome('two', two)
    log(one.cancelling(), two.cancelling(), two.cancelled())


@task_scenario
async def waits_for_cancelled_task():
    inner = asyncio.create_task(wait(new_future(), 'inner'))
    await asyncio.sleep(0)
    inner.cancel()
    await outcome('one', inner)
    await outcome('two', inner)
    log('main goes on', asyncio.current_task().cancelling())
