"""Task.cancel() at every point of a task's life. See ../cancelling.test.ts."""

import asyncio

from stage import Boom, log, outcome, task_scenario


async def wait(future, name='wait'):
    """Waits, and says what it sees."""
    log(name, 'starts')
    try:
        log(name, await future)
    except asyncio.CancelledError as error:
        log(name, 'sees', error)
        raise
    finally:
        log(name, 'finally')


def new_future():
    return asyncio.get_running_loop().create_future()


@task_scenario
async def before_the_first_step():
    task = asyncio.create_task(wait(new_future()))
    log(task.cancel(), task.cancelled(), task.cancelling())
    await outcome('await', task)
    log(task.done(), task.cancelled())


@task_scenario
async def while_waiting():
    future = new_future()
    task = asyncio.create_task(wait(future))
    await asyncio.sleep(0)
    log(task.cancel(), task.cancelled(), future.cancelled())
    await outcome('await', task)
    log(task.cancelled(), task.cancel())


@task_scenario
async def while_sleeping():
    task = asyncio.create_task(wait(asyncio.sleep(1000)))
    await asyncio.sleep(0)
    log(task.cancel())
    await outcome('await', task)


@task_scenario
async def during_sleep_zero():
    task = asyncio.create_task(wait(asyncio.sleep(0)))
    await asyncio.sleep(0)
    log(task.cancel())
    await outcome('await', task)


@task_scenario
async def when_the_future_is_done_already():
    future = new_future()
    task = asyncio.create_task(wait(future))
    await asyncio.sleep(0)
    future.set_result('too late')
    log(task.cancel())
    await outcome('await', task)


@task_scenario
async def when_the_future_has_failed_already():
    future = new_future()
    task = asyncio.create_task(wait(future))
    await asyncio.sleep(0)
    future.set_exception(Boom('too late'))
    log(task.cancel())
    await outcome('await', task)


@task_scenario
async def by_a_callback_of_the_future():
    future = new_future()
    task = asyncio.create_task(wait(future))
    future.add_done_callback(lambda _: log('callback', task.cancel()))
    await asyncio.sleep(0)
    future.set_result('result')
    await outcome('await', task)


@task_scenario
async def twice_while_waiting():
    task = asyncio.create_task(wait(new_future()))
    await asyncio.sleep(0)
    log(task.cancel('first'), task.cancel('second'), task.cancelling())
    await outcome('await', task)
    log(task.cancelling())


@task_scenario
async def twice_before_the_first_step():
    task = asyncio.create_task(wait(new_future()))
    log(task.cancel('first'), task.cancel('second'), task.cancelling())
    await outcome('await', task)


@task_scenario
async def with_message():
    task = asyncio.create_task(wait(new_future()))
    await asyncio.sleep(0)
    task.cancel('the message')
    await outcome('await', task)


@task_scenario
async def message_before_the_first_step():
    task = asyncio.create_task(wait(new_future()))
    task.cancel('the message')
    await outcome('await', task)


@task_scenario
async def when_done():
    async def work():
        return 'result'

    task = asyncio.create_task(work())
    await task
    log(task.cancel(), task.cancelling(), task.cancelled(), task.result())


@task_scenario
async def order_of_cancelled_tasks():
    tasks = [asyncio.create_task(wait(new_future(), name)) for name in 'abc']
    await asyncio.sleep(0)
    for task in reversed(tasks):
        task.cancel()
    for task in tasks:
        await outcome('await', task)


@task_scenario
async def done_callbacks_of_cancelled_task():
    task = asyncio.create_task(wait(new_future()))
    task.add_done_callback(lambda done: log('callback', done.cancelled()))
    await asyncio.sleep(0)
    task.cancel()
    await outcome('await', task)
