"""A task that cancels itself, at each point. See ../self_cancelling.test.ts."""

import asyncio

from cancelling import new_future, wait
from stage import Boom, log, outcome, task_scenario


@task_scenario
async def inside_itself():
    async def work():
        log(asyncio.current_task().cancel())
        log('goes on')
        await wait(new_future())

    await outcome('await', asyncio.create_task(work()))


@task_scenario
async def inside_itself_before_sleep_zero():
    async def work():
        asyncio.current_task().cancel('now')
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError as error:
            log('sees', error)
        return 'swallowed'

    await outcome('await', asyncio.create_task(work()))


@task_scenario
async def inside_itself_before_a_done_future():
    async def work():
        future = new_future()
        future.set_result('done')
        asyncio.current_task().cancel()
        log(await future)
        await wait(new_future())

    await outcome('await', asyncio.create_task(work()))


@task_scenario
async def at_the_very_end():
    async def work():
        asyncio.current_task().cancel('end')
        return 'result'

    task = asyncio.create_task(work())
    await outcome('await', task)
    log(task.cancelled())


@task_scenario
async def at_the_end_after_a_wait():
    async def work():
        await asyncio.sleep(0)
        asyncio.current_task().cancel()
        return 'result'

    task = asyncio.create_task(work())
    await outcome('await', task)
    log(task.cancelled())


@task_scenario
async def before_an_error():
    async def work():
        asyncio.current_task().cancel()
        raise Boom('x')

    task = asyncio.create_task(work())
    await outcome('await', task)
    log(task.cancelled())


@task_scenario
async def raised_by_the_body():
    async def work():
        raise asyncio.CancelledError('own')

    task = asyncio.create_task(work())
    await outcome('await', task)
    log(task.cancelled(), task.cancelling())
