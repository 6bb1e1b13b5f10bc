"""await of coroutines and of tasks, and of the task itself. See ../nesting.test.ts."""

import asyncio

from stage import Boom, kind, log, logs, outcome, task_scenario


@task_scenario
async def nested_coroutines():
    loop = asyncio.get_running_loop()

    async def inner():
        log('inner')
        return 1

    async def middle():
        log('middle')
        value = await inner()
        log('middle goes on')
        return value + 1

    loop.call_soon(log, 'callback')
    log(await middle())
    log(await middle())
    await asyncio.sleep(0)


@task_scenario
async def nested_with_waits():
    loop = asyncio.get_running_loop()

    async def inner(name):
        log(name)
        await asyncio.sleep(0)
        log(name, 'goes on')
        return name

    async def outer():
        return await inner('a') + await inner('b')

    loop.call_soon(log, 'callback')
    log(await outer())


@task_scenario
async def nested_errors():
    async def inner():
        await asyncio.sleep(0)
        raise Boom('inner')

    async def middle():
        try:
            await inner()
        finally:
            log('finally')
            await asyncio.sleep(0)
            log('finally goes on')

    await outcome('await', middle())


@task_scenario
async def awaits_task():
    async def child():
        log('child')
        await asyncio.sleep(0)
        return 'result'

    async def parent(task, name):
        log(name, await task)

    task = asyncio.create_task(child())
    parents = [asyncio.create_task(parent(task, name)) for name in 'ab']
    task.add_done_callback(logs('callback'))
    for one in parents:
        await one


@task_scenario
async def awaits_failed_task():
    async def child():
        raise Boom('child')

    async def parent(task, name):
        await outcome(name, task)

    task = asyncio.create_task(child())
    for one in [asyncio.create_task(parent(task, name)) for name in 'ab']:
        await one


@task_scenario
async def awaits_itself():
    async def work():
        try:
            await asyncio.current_task()
        except RuntimeError as error:
            log(kind(error), str(error).split(':')[0])
        return 'goes on'

    log(await asyncio.create_task(work()))


@task_scenario
async def awaits_itself_uncaught():
    async def work():
        await asyncio.current_task()

    task = asyncio.create_task(work())
    try:
        await task
    except RuntimeError as error:
        log(kind(error), str(error).split(':')[0])
    log(task.done(), task.cancelled())


@task_scenario
async def two_tasks_and_callbacks():
    loop = asyncio.get_running_loop()
    one, two = loop.create_future(), loop.create_future()

    async def ping():
        log('ping waits')
        log('ping got', await one)
        two.set_result('pong')
        log('ping ends')

    async def pong():
        log('pong sets')
        one.set_result('ping')
        log('pong got', await two)

    tasks = [asyncio.create_task(ping()), asyncio.create_task(pong())]
    for task in tasks:
        await task


@task_scenario
async def ensure_future():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    log(asyncio.ensure_future(future) is future)

    async def work():
        log('works')
        return 'result'

    task = asyncio.ensure_future(work())
    log(asyncio.isfuture(task), asyncio.isfuture(future), asyncio.isfuture(work))
    log(await task)
