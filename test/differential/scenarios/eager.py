"""Eager tasks, which came with Python 3.12. See ../eager.test.ts."""

import asyncio

from stage import Boom, log, outcome, since


def new_future():
    return asyncio.get_running_loop().create_future()


def eager(coroutine, **options):
    return asyncio.eager_task_factory(asyncio.get_running_loop(), coroutine, **options)


def current():
    return asyncio.current_task().get_name()


@since(3, 12)
async def completes_without_suspending():
    async def work():
        log('runs', current())
        return 42

    asyncio.current_task().set_name('main')
    asyncio.get_running_loop().call_soon(log, 'callback')
    task = eager(work(), name='eager')
    log(task.done(), task.result(), current(), task in asyncio.all_tasks())
    log(await task)
    await asyncio.sleep(0)


@since(3, 12)
async def suspends():
    future = new_future()

    async def work():
        log('begins', current())
        log('gets', await future, current())
        return 'end'

    asyncio.current_task().set_name('main')
    task = eager(work(), name='eager')
    log(task.done(), current(), task in asyncio.all_tasks())
    asyncio.get_running_loop().call_soon(future.set_result, 'result')
    asyncio.get_running_loop().call_soon(log, 'callback')
    log(await task)


@since(3, 12)
async def fails_at_once():
    async def work():
        raise Boom('at once')

    task = eager(work())
    log(task.done(), task.exception(), task.cancelled())
    await outcome('task', task)


@since(3, 12)
async def raises_cancelled_error_at_once():
    async def work():
        raise asyncio.CancelledError('itself')

    task = eager(work())
    log(task.done(), task.cancelled(), task.cancelling())
    await outcome('task', task)


@since(3, 12)
async def cancelled_at_the_first_wait():
    async def work():
        try:
            await new_future()
        except asyncio.CancelledError as error:
            log('sees', error)
            raise

    task = eager(work())
    task.cancel('first wait')
    await outcome('task', task)
    log(task.cancelled())


@since(3, 12)
async def cancels_itself():
    async def work():
        asyncio.current_task().cancel('itself')
        log('goes on')
        await asyncio.sleep(0)
        log('not here')

    task = eager(work())
    log(task.done())
    await outcome('task', task)


@since(3, 12)
async def cancels_its_maker():
    async def work(maker):
        maker.cancel('from inside')

    async def makes():
        eager(work(asyncio.current_task()))
        log('goes on', asyncio.current_task().cancelling())
        await asyncio.sleep(0)
        log('not here')

    await outcome('maker', asyncio.create_task(makes()))


@since(3, 12)
async def nested_eager_tasks():
    async def inner():
        log('inner', current())
        await asyncio.sleep(0)
        log('inner again', current())

    async def outer():
        log('outer', current())
        task = eager(inner(), name='inner')
        log('outer again', current())
        await task
        log('outer ends', current())

    asyncio.current_task().set_name('main')
    task = eager(outer(), name='outer')
    log('main', current())
    await task


@since(3, 12)
async def done_callbacks_run_through_the_loop():
    async def work():
        return 1

    task = eager(work())
    task.add_done_callback(lambda _: log('callback'))
    log('added')
    await asyncio.sleep(0)
