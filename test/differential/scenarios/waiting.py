"""await: of futures, coroutines and tasks, and what may not be awaited. See ../waiting.test.ts."""

import asyncio

from stage import Boom, kind, log, logs, outcome, task_scenario


@task_scenario
async def done_future_does_not_suspend():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    future.set_result('done')
    loop.call_soon(log, 'callback')
    log('before')
    log(await future)
    log(await future)
    log('after')
    await asyncio.sleep(0)


@task_scenario
async def failed_future_does_not_suspend():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    future.set_exception(Boom('x'))
    loop.call_soon(log, 'callback')
    await outcome('await', future)
    await asyncio.sleep(0)


@task_scenario
async def pending_future():
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def finish():
        log('sets')
        loop.call_soon(log, 'scheduled before')
        future.set_result('result')
        loop.call_soon(log, 'scheduled after')

    loop.call_soon(finish)
    loop.call_soon(log, 'same batch')
    log(await future)
    await asyncio.sleep(0)


@task_scenario
async def failing_future():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_soon(future.set_exception, Boom('later'))
    await outcome('await', future)


@task_scenario
async def cancelled_future():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_soon(future.cancel, 'message')
    await outcome('await', future)
    log(asyncio.current_task().cancelling())


@task_scenario
async def sleep_zero_order():
    loop = asyncio.get_running_loop()
    loop.call_soon(log, 'a')
    await asyncio.sleep(0)
    log('after one')
    loop.call_soon(log, 'b')
    loop.call_soon(loop.call_soon, log, 'c')
    await asyncio.sleep(0)
    log('after two')
    await asyncio.sleep(0)
    log('after three')


@task_scenario
async def sleep_negative():
    loop = asyncio.get_running_loop()
    loop.call_soon(log, 'callback')
    log(await asyncio.sleep(-1, 'result'))


@task_scenario
async def sleep_result():
    log(await asyncio.sleep(0, 'zero'))
    log(await asyncio.sleep(0.001, 'some'))
    log(await asyncio.sleep(0))


@task_scenario
async def sleeps_in_order():
    async def work(name, delay):
        await asyncio.sleep(delay)
        log(name)

    first = asyncio.create_task(work('first', 0.001))
    second = asyncio.create_task(work('second', 0.004))
    await second
    log(first.done())


@task_scenario
async def future_of_another_loop():
    other = asyncio.new_event_loop()
    future = other.create_future()
    try:
        await future
    except RuntimeError as error:
        log(kind(error), str(error).endswith('attached to a different loop'))
    log(future.done())
    other.close()


@task_scenario
async def done_future_of_another_loop():
    other = asyncio.new_event_loop()
    future = other.create_future()
    future.set_result('fine')
    log(await future)
    other.close()


@task_scenario
async def task_of_done_future():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    future.set_result(1)

    async def work(name):
        log(name, await future)
        await asyncio.sleep(0)
        log(name, 'end')

    tasks = [asyncio.create_task(work(name)) for name in 'abc']
    loop.call_soon(log, 'callback')
    for task in tasks:
        await task
