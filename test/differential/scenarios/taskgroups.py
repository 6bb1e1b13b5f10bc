"""TaskGroup: its tasks, and when it takes some. See ../taskgroups.test.ts."""

import asyncio

from stage import Boom, kind, log, since, task_scenario


def cancelling():
    return asyncio.current_task().cancelling()


def forever():
    return asyncio.get_running_loop().create_future()


async def work(name, steps=1, error=None):
    for _ in range(steps):
        await asyncio.sleep(0)
    log(name, 'ends')
    if error is not None:
        raise error
    return name


async def waiting(name):
    try:
        await forever()
    except asyncio.CancelledError as error:
        log(name, 'sees', error, cancelling())
        raise


async def caught(awaitable):
    try:
        await awaitable
    except BaseException as error:
        return error


@task_scenario
async def children_end_before_the_block_does():
    async with asyncio.TaskGroup() as group:
        first = group.create_task(work('first', 3))
        second = group.create_task(work('second', 1))
        log('body ends', group)
    log('after', first.result(), second.result(), cancelling())


@task_scenario
async def empty_group():
    asyncio.get_running_loop().call_soon(log, 'callback')
    async with asyncio.TaskGroup() as group:
        log(group)
    log('no batch passed', group)
    await asyncio.sleep(0)


@task_scenario
async def task_created_in_the_middle():
    async with asyncio.TaskGroup() as group:
        first = group.create_task(work('first', 4))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        second = group.create_task(work('second', 1))
    log(first.result(), second.result())


@task_scenario
async def child_creates_tasks():
    async def parent(group):
        group.create_task(work('grandchild', 2))
        await asyncio.sleep(0)
        log('child ends')

    async with asyncio.TaskGroup() as group:
        group.create_task(parent(group))
    log('after')


@task_scenario
async def group_finished_in_the_same_batch():
    future = forever()

    async def ends(name):
        await future
        log(name)

    asyncio.get_running_loop().call_soon(future.set_result, None)
    asyncio.get_running_loop().call_soon(log, 'callback')
    async with asyncio.TaskGroup() as group:
        for name in 'abc':
            group.create_task(ends(name))
    log('after')


@task_scenario
async def no_create_task_after_failure():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(work('fails', 1, Boom('child')))
            try:
                await forever()
            except asyncio.CancelledError:
                late = work('late')
                try:
                    group.create_task(late)
                except RuntimeError as error:
                    log(kind(error), str(error).endswith('is shutting down'))
                late.close()

    log(await caught(asyncio.create_task(body())))


def refused(group):
    late = work('late')
    try:
        group.create_task(late)
    except RuntimeError as error:
        log(kind(error), str(error))
    late.close()


@task_scenario
async def taskgroup_finished():
    async with asyncio.TaskGroup() as group:
        group.create_task(work('child'))
    refused(group)


@task_scenario
async def taskgroup_not_entered():
    refused(asyncio.TaskGroup())


# Debian 12 has 3.11.2, where this differs.
@since(3, 11, 7)
async def taskgroup_already_entered():
    group = asyncio.TaskGroup()

    async def enter():
        async with group:
            log('entered')

    async with group:
        try:
            await enter()
        except RuntimeError as error:
            log(kind(error), str(error))
    try:
        await enter()
    except RuntimeError as error:
        log(kind(error), str(error))


@task_scenario
async def taskgroup_task_name():
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work('child'), name='yolo')
        log(task.get_name())


@task_scenario
async def tasks_are_of_the_group_while_they_run():
    async with asyncio.TaskGroup() as group:
        group.create_task(work('a', 1))
        group.create_task(work('b', 2))
        log(group)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        log(group)
