"""TaskGroup and cancellations from outside; groups in groups. See ../taskgroups_cancelled.test.ts."""

import asyncio

from stage import Boom, log, outcome, since, task_scenario
from taskgroups import cancelling, caught, forever, waiting, work


async def start(main):
    task = asyncio.create_task(main)
    for _ in range(4):
        await asyncio.sleep(0)
    return task


@task_scenario
async def parent_cancelled_while_children_run():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(waiting('child'))
        log('not here')

    task = await start(body())
    task.cancel('outside')
    await outcome('task', task)
    log(task.cancelled(), task.cancelling())


@task_scenario
async def parent_cancelled_in_the_body():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(waiting('child'))
            try:
                await forever()
            except asyncio.CancelledError as error:
                log('body sees', error)
                raise

    task = await start(body())
    task.cancel('outside')
    await outcome('task', task)
    log(task.cancelled())


@task_scenario
async def parent_cancelled_without_children():
    async def body():
        async with asyncio.TaskGroup():
            try:
                await forever()
            finally:
                log('body ends')

    task = await start(body())
    task.cancel()
    await outcome('task', task)
    log(task.cancelled())


@task_scenario
async def body_replaces_its_cancellation():
    async def body():
        async with asyncio.TaskGroup():
            try:
                await forever()
            except asyncio.CancelledError:
                raise Boom('instead')

    task = await start(body())
    task.cancel()
    await outcome('task', task)
    log(task.cancelled())


@task_scenario
async def parent_cancelled_twice_while_exiting():
    async def slow():
        try:
            await forever()
        finally:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            log('child ends')

    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(slow())

    task = await start(body())
    task.cancel('first')
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel('second')
    await outcome('task', task)
    log(task.cancelled(), task.cancelling())


@task_scenario
async def cancellation_swallowed_by_children():
    async def stubborn(name):
        try:
            await forever()
        except asyncio.CancelledError:
            log(name, 'swallows')
        await asyncio.sleep(0)
        return name

    tasks = []

    async def body():
        async with asyncio.TaskGroup() as group:
            tasks.append(group.create_task(stubborn('child')))

    task = await start(body())
    task.cancel()
    await outcome('task', task)
    log(task.cancelled(), tasks[0].result())


@task_scenario
async def child_fails_because_the_parent_was_cancelled():
    async def fails():
        try:
            await forever()
        finally:
            raise Boom('cleanup')

    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())

    task = await start(body())
    task.cancel()
    await outcome('task', task)
    log(task.cancelled())


@task_scenario
async def body_takes_its_time_and_a_child_fails():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(work('fails', 6, Boom('child')))
            try:
                await forever()
            except asyncio.CancelledError:
                for _ in range(6):
                    try:
                        await asyncio.sleep(0)
                    except asyncio.CancelledError:
                        log('again')
                raise

    task = await start(body())
    task.cancel('outside')
    await outcome('task', task)
    log(task.cancelled())


@task_scenario
async def nested_inner_error():
    async def inner():
        async with asyncio.TaskGroup() as group:
            group.create_task(work('fails', 1, Boom('inner')))

    async def outer():
        async with asyncio.TaskGroup() as group:
            group.create_task(waiting('of outer'))
            await inner()

    log(await caught(asyncio.create_task(outer())))


@task_scenario
async def nested_outer_error():
    async def inner():
        async with asyncio.TaskGroup() as group:
            group.create_task(waiting('of inner'))

    async def outer():
        async with asyncio.TaskGroup() as group:
            group.create_task(work('fails', 2, Boom('outer')))
            try:
                await inner()
            except BaseException as error:
                log('inner', error, cancelling())
                raise

    log(await caught(asyncio.create_task(outer())))


@task_scenario
async def nested_cancelled_from_outside():
    async def inner():
        async with asyncio.TaskGroup() as group:
            group.create_task(waiting('of inner'))

    async def outer():
        async with asyncio.TaskGroup():
            try:
                await inner()
            except BaseException as error:
                log('inner', error, cancelling())
                raise

    task = await start(outer())
    task.cancel('outside')
    await outcome('task', task)
    log(task.cancelled(), task.cancelling())


@task_scenario
async def group_of_a_child_is_cancelled():
    async def child():
        async with asyncio.TaskGroup() as group:
            group.create_task(waiting('grandchild'))

    async def parent():
        async with asyncio.TaskGroup() as group:
            group.create_task(child())

    task = await start(parent())
    task.cancel('outside')
    await outcome('task', task)
    log(task.cancelled())


@task_scenario
async def error_of_a_grandchild():
    async def child():
        async with asyncio.TaskGroup() as group:
            group.create_task(work('fails', 1, Boom('grandchild')))
            group.create_task(waiting('sibling'))

    async def parent():
        async with asyncio.TaskGroup() as group:
            group.create_task(child())
            await forever()

    log(await caught(asyncio.create_task(parent())))


@since(3, 13)
async def errors_and_a_cancellation_from_outside():
    async def fails():
        try:
            await forever()
        finally:
            raise Boom('cleanup')

    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())

    async def parent():
        log(await caught(body()), cancelling())
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError as error:
            log('sees', error, cancelling())
            raise

    task = await start(parent())
    task.cancel('outside')
    await outcome('task', task)
    log(task.cancelled(), task.cancelling())


@since(3, 13)
async def counts_afterwards():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(work('fails', 1, Boom('child')))
            await forever()

    asyncio.current_task().cancel()
    await outcome('cancelled', asyncio.sleep(1))
    log(cancelling())
    log(await caught(body()), cancelling())
    await outcome('again', asyncio.sleep(1))
    log(cancelling(), asyncio.current_task().uncancel(), cancelling())
