"""TaskGroup: errors of its tasks and of its body. See ../taskgroups_failing.test.ts."""

import asyncio

from stage import Boom, log, outcome, since, task_scenario
from taskgroups import cancelling, caught, forever, waiting, work


@task_scenario
async def cancel_children_on_child_error():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(work('fails', 2, Boom('child')))
            group.create_task(waiting('other'))
            try:
                await forever()
            except asyncio.CancelledError as error:
                log('body sees', error, cancelling())
                raise
        log('not here')

    log(await caught(asyncio.create_task(body())))


@task_scenario
async def child_error_while_exiting():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(work('fails', 2, Boom('child')))
            other = group.create_task(waiting('other'))
        log('not here', other)

    task = asyncio.create_task(body())
    log(await caught(task), task.cancelled())


@task_scenario
async def several_errors_in_one_batch():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(work('a', 1, Boom('a')))
            group.create_task(work('b', 1, Boom('b')))
            group.create_task(work('late', 2, Boom('late')))

    log(await caught(asyncio.create_task(body())))


@task_scenario
async def error_of_a_cancelled_child():
    async def fails_in_cleanup():
        try:
            await forever()
        finally:
            raise Boom('cleanup')

    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(fails_in_cleanup())
            group.create_task(work('fails', 1, Boom('first')))

    log(await caught(asyncio.create_task(body())))


@task_scenario
async def cancelled_child_alone():
    async with asyncio.TaskGroup() as group:
        cancelled = group.create_task(waiting('child'))
        other = group.create_task(work('other', 3))
        await asyncio.sleep(0)
        cancelled.cancel('alone')
    log(cancelled.cancelled(), other.result(), cancelling())


@task_scenario
async def child_raises_cancelled_error():
    async def raises():
        await asyncio.sleep(0)
        raise asyncio.CancelledError('its own')

    async with asyncio.TaskGroup() as group:
        child = group.create_task(raises())
    log(child.cancelled(), cancelling())


@task_scenario
async def exception_in_body():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(waiting('child'))
            await asyncio.sleep(0)
            raise Boom('body')

    log(await caught(asyncio.create_task(body())))


@task_scenario
async def exception_in_body_before_the_first_step():
    tasks = []

    async def body():
        async with asyncio.TaskGroup() as group:
            tasks.append(group.create_task(waiting('child')))
            raise Boom('body')

    log(await caught(asyncio.create_task(body())), tasks[0].cancelled())


@task_scenario
async def exception_in_body_and_child():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(work('fails', 1, Boom('child')))
            try:
                await forever()
            finally:
                raise Boom('body')

    log(await caught(asyncio.create_task(body())))


@task_scenario
async def body_swallows_the_groups_cancellation():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(work('fails', 1, Boom('child')))
            try:
                await forever()
            except asyncio.CancelledError:
                log('body swallows', cancelling())
            await asyncio.sleep(0)
            log('body ends')

    log(await caught(asyncio.create_task(body())))


@since(3, 13)
async def cancelling_level_preserved():
    async def fails():
        raise Boom('child')

    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            await forever()

    log(await caught(body()), cancelling())


@since(3, 13)
async def nested_groups_both_cancelled():
    async def fails(error):
        raise error

    async def nested():
        async with asyncio.TaskGroup() as outer:
            async def inner():
                async with asyncio.TaskGroup() as group:
                    group.create_task(fails(Boom('inner')))
                    outer.create_task(fails(Boom('outer')))
            log('inner', await caught(inner()), cancelling())
        log('not here', cancelling())

    log('outer', await caught(nested()), cancelling())


@since(3, 13)
async def error_and_cancel():
    started = forever()

    async def fails():
        started.set_result(None)
        await asyncio.sleep(0)
        raise Boom('child')

    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            await forever()

    async def parent():
        log(await caught(body()), cancelling())
        await asyncio.sleep(0)
        log('not here')

    task = asyncio.create_task(parent())
    await started
    log(task.cancel('outside'), task.cancelling())
    await outcome('task', task)
    log(task.cancelled(), task.cancelling())
