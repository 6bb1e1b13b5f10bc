"""Task: the order of steps, results, the current task. See ../tasks.test.ts."""

import asyncio
import types

from stage import Boom, attempt, kind, log, logs, outcome, scenario, task_scenario, turns


async def steps(name, count=2):
    for step in range(count):
        log(name, step)
        await asyncio.sleep(0)
    log(name, 'end')
    return name


@task_scenario
async def result():
    task = asyncio.create_task(steps('a', 0))
    attempt('result', task.result)
    log(await task, task.done(), task.cancelled(), task.result(), task.exception())
    log(task.cancel())


@task_scenario
async def failure():
    async def fail():
        log('runs')
        raise Boom('x')

    task = asyncio.create_task(fail())
    log('created')
    await outcome('await', task)
    await outcome('await again', task)
    log(task.done(), task.cancelled(), task.exception())
    attempt('result', task.result)


@task_scenario
async def failure_after_wait():
    async def fail():
        await asyncio.sleep(0)
        raise Boom('x')

    task = asyncio.create_task(fail())
    task.add_done_callback(lambda done: log('callback', done.exception()))
    await outcome('await', task)


@task_scenario
async def no_set_result():
    task = asyncio.create_task(steps('a', 0))
    attempt('set_result', lambda: task.set_result(1))
    attempt('set_exception', lambda: task.set_exception(Boom('x')))
    await task


@task_scenario
async def done_callbacks():
    async def work():
        log('works')

    task = asyncio.create_task(work())
    task.add_done_callback(logs('a'))
    task.add_done_callback(lambda done: log('b', done is task))
    await task
    log('main')
    await asyncio.sleep(0)


@task_scenario
async def current_task():
    loop = asyncio.get_running_loop()
    main = asyncio.current_task()

    async def child():
        log('child', asyncio.current_task() is task, asyncio.current_task() is main)
        await asyncio.sleep(0)
        log('child', asyncio.current_task() is task)

    async def nested():
        await asyncio.sleep(0)
        log('nested', asyncio.current_task() is main)

    loop.call_soon(lambda: log('callback', asyncio.current_task()))
    loop.call_later(-1, lambda: log('timer', asyncio.current_task()))
    task = asyncio.create_task(child())
    task.add_done_callback(lambda _: log('done callback', asyncio.current_task()))
    log('main', asyncio.current_task() is main)
    await task
    log('main', asyncio.current_task() is main)
    await nested()
    await asyncio.sleep(0)


@scenario
def no_current_task(loop):
    attempt('outside', asyncio.current_task)
    attempt('outside, with loop', lambda: asyncio.current_task(loop))


@task_scenario
async def all_tasks():
    loop = asyncio.get_running_loop()

    def names():
        return sorted(task.get_name() for task in asyncio.all_tasks())

    asyncio.current_task().set_name('main')
    one = asyncio.create_task(steps('a', 1), name='one')
    two = loop.create_task(steps('b', 2), name='two')
    log(names())
    await one
    log(names())
    await two
    log(names())


@task_scenario
async def names():
    task = asyncio.create_task(steps('a', 0), name='mine')
    log(task.get_name())
    task.set_name(5)
    log(task.get_name() + '!')
    await task
    log(task.get_name())
