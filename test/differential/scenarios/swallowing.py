"""Cancellation inside a task: its own, swallowed, replaced, counted. See ../swallowing.test.ts."""

import asyncio

from cancelling import new_future, wait
from stage import Boom, log, outcome, task_scenario


@task_scenario
async def swallowed():
    async def work():
        try:
            await new_future()
        except asyncio.CancelledError:
            log('swallows')
        return 'result'

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await outcome('await', task)
    log(task.cancelled(), task.cancelling())


@task_scenario
async def swallowed_and_awaited_again():
    async def work():
        try:
            await new_future()
        except asyncio.CancelledError:
            log('swallows')
        await asyncio.sleep(0)
        log('slept')
        await wait(second)

    second = new_future()
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    log(task.done())
    second.set_result('second')
    await outcome('await', task)


@task_scenario
async def swallowed_and_cancelled_again():
    async def work():
        for attempt in range(2):
            try:
                await new_future()
            except asyncio.CancelledError as error:
                log(attempt, error)
        return 'result'

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel('one')
    await asyncio.sleep(0)
    task.cancel('two')
    await outcome('await', task)
    log(task.cancelling())


@task_scenario
async def replaced_by_an_error():
    async def work():
        try:
            await new_future()
        except asyncio.CancelledError:
            raise Boom('instead') from None

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await outcome('await', task)
    log(task.cancelled())


@task_scenario
async def finally_that_waits():
    async def work():
        try:
            await new_future()
        finally:
            log('finally')
            await asyncio.sleep(0)
            log('slept')
            await wait(cleaned)

    cleaned = new_future()
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    for _ in range(3):
        await asyncio.sleep(0)
    log(task.done())
    cleaned.set_result('clean')
    await outcome('await', task)


@task_scenario
async def counts():
    async def work():
        me = asyncio.current_task()
        log(me.cancelling(), me.uncancel())
        try:
            await new_future()
        except asyncio.CancelledError:
            log(me.cancelling(), me.uncancel(), me.cancelling(), me.uncancel())
        try:
            await new_future()
        except asyncio.CancelledError:
            log(me.cancelling(), me.uncancel(), me.uncancel())

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    await outcome('await', task)
