"""wait_for(): one awaitable, with a deadline. See ../wait_for.test.ts."""

import asyncio

from stage import Boom, log, outcome, task_scenario

LONG = 10
SHORT = 0.001


def cancelling():
    return asyncio.current_task().cancelling()


def forever():
    return asyncio.get_running_loop().create_future()


async def caught(awaitable):
    try:
        await awaitable
    except BaseException as error:
        return error


async def batches(count):
    for _ in range(count):
        await asyncio.sleep(0)


@task_scenario
async def wait_for():
    async def work():
        try:
            await forever()
        finally:
            log('ends')

    task = asyncio.create_task(work())
    error = await caught(asyncio.wait_for(task, SHORT))
    log(error, error.__cause__, task.cancelled(), cancelling())


@task_scenario
async def wait_for_blocking():
    async def work():
        await asyncio.sleep(0)
        return 'done'

    log(await asyncio.wait_for(work(), None))
    log(await asyncio.wait_for(asyncio.create_task(work()), None))


@task_scenario
async def result_in_time():
    future = forever()
    asyncio.get_running_loop().call_later(SHORT, future.set_result, 'ok')
    log(await asyncio.wait_for(future, LONG))


@task_scenario
async def error_in_time():
    async def work():
        await asyncio.sleep(0)
        raise Boom('work')

    await outcome('coroutine', asyncio.wait_for(work(), LONG))
    await outcome('task', asyncio.wait_for(asyncio.create_task(work()), LONG))


@task_scenario
async def wait_for_timeout_less_then_0_or_0_future_done():
    future = forever()
    future.set_result('done')
    asyncio.get_running_loop().call_soon(log, 'callback')
    log(await asyncio.wait_for(future, 0))
    log(await asyncio.wait_for(future, -1))
    failed = forever()
    failed.set_exception(Boom('failed'))
    await outcome('failed', asyncio.wait_for(failed, 0))


@task_scenario
async def future_cancelled_before():
    cancelled = forever()
    cancelled.cancel('before')
    await outcome('cancelled', asyncio.wait_for(cancelled, LONG))


@task_scenario
async def wait_for_timeout_less_then_0_or_0_coroutine_do_not_started():
    async def work():
        log('not here')

    await outcome('zero', asyncio.wait_for(work(), 0))
    await outcome('negative', asyncio.wait_for(work(), -1))


@task_scenario
async def wait_for_timeout_less_then_0_or_0():
    for timeout in (0, -1):
        async def work():
            try:
                await forever()
            finally:
                log('ends')

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        error = await caught(asyncio.wait_for(task, timeout))
        log(error, error.__cause__, task.cancelled())


@task_scenario
async def wait_for_waits_for_task_cancellation():
    async def work():
        try:
            await forever()
        finally:
            await batches(3)
            log('cleaned up')

    task = asyncio.create_task(work())
    error = await caught(asyncio.wait_for(task, SHORT))
    log(error, task.done())


@task_scenario
async def wait_for_waits_for_task_cancellation_w_timeout_0():
    async def work():
        try:
            await forever()
        finally:
            await batches(3)
            log('cleaned up')

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    error = await caught(asyncio.wait_for(task, 0))
    log(error, task.done())


@task_scenario
async def wait_for_reraises_exception_during_cancellation():
    async def work():
        try:
            await forever()
        finally:
            raise Boom('cleanup')

    await outcome('task', asyncio.wait_for(asyncio.create_task(work()), SHORT))
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await outcome('zero', asyncio.wait_for(task, 0))
