"""The order of the steps of tasks, among each other and among callbacks. See ../stepping.test.ts."""

import asyncio
import types

from stage import kind, log, logs, scenario, task_scenario, turns
from tasks import steps


@task_scenario
async def first_step_is_scheduled():
    task = asyncio.create_task(steps('task'))
    log('created', task.done())
    log(await task)


@task_scenario
async def several_in_turn():
    tasks = [asyncio.create_task(steps(name)) for name in 'abc']
    for task in tasks:
        log('result', await task)


@task_scenario
async def among_callbacks():
    loop = asyncio.get_running_loop()
    loop.call_soon(log, 'callback 1')
    task = asyncio.create_task(steps('a', 1))
    loop.call_soon(log, 'callback 2')
    await asyncio.sleep(0)
    log('main')
    loop.call_soon(log, 'callback 3')
    await task
    log('main ends')


@task_scenario
async def of_different_length():
    tasks = [asyncio.create_task(steps(str(count), count)) for count in (3, 1, 2, 0)]
    for task in tasks:
        await task
    log('end')


@task_scenario
async def spawns_task():
    async def child(name):
        log(name)

    async def parent():
        one = asyncio.create_task(child('child 1'))
        two = asyncio.create_task(child('child 2'))
        log('parent')
        await two
        log('parent goes on', one.done())

    other = asyncio.create_task(steps('other', 1))
    await asyncio.create_task(parent())
    await other


@task_scenario
async def bad_yield():
    @types.coroutine
    def bad():
        try:
            yield 42
        except RuntimeError as error:
            log(error)
        yield
        log('bare yield')

    await bad()


@task_scenario
async def bare_yield_order():
    @types.coroutine
    def work(name):
        for step in range(2):
            log(name, step)
            yield

    async def wait(name):
        await work(name)

    tasks = [asyncio.create_task(wait(name)) for name in 'ab']
    for task in tasks:
        await task


@task_scenario
async def callback_order_of_waiters():
    future = asyncio.get_running_loop().create_future()

    async def wait(name):
        log(name, await future)

    future.add_done_callback(logs('callback 1'))
    tasks = [asyncio.create_task(wait(name)) for name in 'ab']
    await asyncio.sleep(0)
    future.add_done_callback(logs('callback 2'))
    future.set_result('set')
    for task in tasks:
        await task
    log(kind(future) == 'Future')


@scenario
def never_run(loop):
    task = loop.create_task(steps('a', 0))
    log(task.done(), task.get_loop() is loop)
    turns(loop, 3)
    log(task.done())
