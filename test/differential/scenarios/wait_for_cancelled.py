"""wait_for(): cancellations, and what swallows or withstands them. See ../wait_for_cancelled.test.ts."""

import asyncio

from stage import kind, log, outcome, since, task_scenario
from wait_for import LONG, SHORT, batches, cancelling, caught, forever


async def swallows(result):
    try:
        await forever()
    except asyncio.CancelledError:
        log('swallows')
    return result


@task_scenario
async def wait_for_cancel_suppressed():
    log(await asyncio.wait_for(swallows(42), SHORT))


@task_scenario
async def wait_for_cancellation_race_condition():
    async def inner():
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            log('sees')
        return 1

    log(await asyncio.wait_for(inner(), SHORT))
    task = asyncio.create_task(inner())
    log(await asyncio.wait_for(task, SHORT), task.cancelled())


@task_scenario
async def task_swallows_at_timeout_0():
    task = asyncio.create_task(swallows(42))
    await asyncio.sleep(0)
    await outcome('zero', asyncio.wait_for(task, 0))


async def cancelled_while_waiting(timeout):
    task = asyncio.create_task(swallowless())
    waiter = asyncio.create_task(asyncio.wait_for(task, timeout))
    asyncio.get_running_loop().call_soon(waiter.cancel, 'outside')
    await outcome('waiter', waiter)
    log(task.cancelled(), waiter.cancelled(), waiter.cancelling())


async def swallowless():
    try:
        await forever()
    except asyncio.CancelledError as error:
        log('sees', error)
        raise


@since(3, 12)
async def cancel_blocking_wait_for():
    await cancelled_while_waiting(None)


@since(3, 12)
async def cancel_wait_for():
    await cancelled_while_waiting(LONG)


@task_scenario
async def cancelled_before_the_first_step():
    waiter = asyncio.create_task(asyncio.wait_for(forever(), LONG))
    waiter.cancel()
    await outcome('waiter', waiter)


@task_scenario
async def inner_is_cancelled_by_others():
    task = asyncio.create_task(swallowless())
    asyncio.get_running_loop().call_soon(task.cancel, 'others')
    await outcome('wait', asyncio.wait_for(task, LONG))
    log(cancelling())


@task_scenario
async def coroutine_started_before():
    task = asyncio.create_task(batches(3))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(log, 'callback')
    await asyncio.wait_for(task, LONG)
    log(task.done())


@task_scenario
async def wait_for_in_wait_for():
    async def inner():
        try:
            return await asyncio.wait_for(forever(), LONG)
        except asyncio.CancelledError as error:
            log('inner', error)
            raise

    error = await caught(asyncio.wait_for(inner(), SHORT))
    log('outer', error)


@task_scenario
async def wait_for_gather():
    children = [asyncio.create_task(swallowless())]
    error = await caught(asyncio.wait_for(asyncio.gather(*children), SHORT))
    log(error, children[0].cancelled())


@since(3, 12)
async def wait_for_self_cancellation():
    async def inner():
        for word in ('first', 'second'):
            try:
                await forever()
            except asyncio.CancelledError as error:
                log(word, error)
        return 42

    task = asyncio.create_task(inner())
    waiter = asyncio.create_task(asyncio.wait_for(task, LONG))
    await batches(2)
    waiter.cancel('one')
    await batches(3)
    log(waiter.done(), task.done())
    waiter.cancel('two')
    await outcome('waiter', waiter)
    log(task.result())


@since(3, 12)
async def wait_for_issue86296():
    async def inner():
        return 'done'

    task = asyncio.create_task(inner())

    async def waits():
        await asyncio.wait_for(task, LONG)
        await asyncio.sleep(LONG)
        log('not here')

    waiter = asyncio.create_task(waits())
    await asyncio.sleep(0)
    waiter.cancel()
    await outcome('waiter', waiter)
    log(task.done(), await task)


@since(3, 12)
async def simultaneous_cancel_and_finish():
    future = forever()

    async def waits():
        await asyncio.wait_for(future, LONG)

    waiter = asyncio.create_task(waits())
    await batches(2)
    future.set_result('finished')
    waiter.cancel('cancelled')
    await outcome('waiter', waiter)
    log(future.result())


@since(3, 12)
async def simultaneous_cancel_and_timeout():
    task = asyncio.create_task(swallowless())

    async def waits():
        await asyncio.wait_for(task, 0)

    waiter = asyncio.create_task(waits())
    await asyncio.sleep(0)
    waiter.cancel('outside')
    log(kind(await caught(waiter)), waiter.cancelled())
    await batches(2)
    log(task.cancelled())


async def slow():
    await asyncio.sleep(50 * SHORT)
    return 'done'


@task_scenario
async def shielded_zero_timeout():
    task = asyncio.create_task(slow())
    shielded = asyncio.shield(task)
    log(await caught(asyncio.wait_for(shielded, 0)))
    log(task.done(), task.cancelled(), shielded.cancelled())
    log(await task)


@task_scenario
async def shielded_timeout():
    task = asyncio.create_task(slow())
    log(await caught(asyncio.wait_for(asyncio.shield(task), SHORT)))
    log(task.done(), await task)


@task_scenario
async def shielded_none_timeout():
    task = asyncio.create_task(slow())
    log(await asyncio.wait_for(asyncio.shield(task), None), task.done())
