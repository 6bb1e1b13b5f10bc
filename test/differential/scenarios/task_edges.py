"""Tasks at the edges: CPython's own cases that no other theme has. See ../task_edges.test.ts."""

import asyncio

from stage import Boom, log, logs, outcome, scenario, since, task_scenario, turns


def new_future():
    return asyncio.get_running_loop().create_future()


async def batches(count):
    for _ in range(count):
        await asyncio.sleep(0)


@task_scenario
async def cancel_task_catching():
    first, second = new_future(), new_future()

    async def work():
        await first
        try:
            await second
        except asyncio.CancelledError:
            return 42

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    first.set_result(None)
    await batches(2)
    task.cancel()
    log(second.cancelled(), await task, task.cancelled(), task.cancelling())


@task_scenario
async def cancel_task_ignoring():
    first, second = new_future(), new_future()

    async def work():
        try:
            await first
        except asyncio.CancelledError:
            log('ignores')
        return await second

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    log(first.cancelled())
    await batches(2)
    second.set_result(42)
    log(await task, second.cancelled(), task.cancelled())


@task_scenario
async def cancel_at_end():
    async def work():
        task.cancel('at the end')
        return 12

    task = asyncio.create_task(work())
    await outcome('task', task)
    log(task.cancelled(), task.cancel())


@task_scenario
async def cancel_on_itself():
    async def work():
        asyncio.current_task().cancel('itself')
        log('goes on to its next wait')
        await asyncio.sleep(10)
        log('not here')

    task = asyncio.create_task(work())
    await outcome('task', task)
    log(task.cancelled(), task.cancelling())


@task_scenario
async def cancel_swallowed_then_repeated():
    async def work():
        for _ in range(3):
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError as error:
                log('sees', error, asyncio.current_task().cancelling())
        return 'ends'

    task = asyncio.create_task(work())
    for word in ('one', 'two', 'three'):
        await batches(2)
        log(task.cancel(word))
    log(await task, task.cancelling(), task.cancelled())


@task_scenario
async def cancel_message_through_three_tasks():
    async def inner():
        try:
            await new_future()
        except asyncio.CancelledError as error:
            log('inner', error)
            raise

    async def middle():
        try:
            await asyncio.create_task(inner())
        except asyncio.CancelledError as error:
            log('middle', error)
            raise

    task = asyncio.create_task(middle())
    await batches(3)
    task.cancel('message')
    await outcome('outer', task)


@task_scenario
async def cancel_both_task_and_inner_future():
    future = new_future()

    async def work():
        await future

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    future.cancel('future')
    task.cancel('task')
    await outcome('task', task)
    log(task.cancelled(), future.cancelled())


@task_scenario
async def uncancel_basic():
    async def work():
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            log(task.cancelling(), task.uncancel(), task.cancelling(), task.uncancel())
        await asyncio.sleep(0)
        return 'goes on'

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    log(task.cancelling(), task.cancel(), task.cancelling())
    task.uncancel()
    log(await task)


@since(3, 13)
async def uncancel_resets_must_cancel():
    async def work():
        await future
        return 42

    future = new_future()
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    future.set_result(None)
    task.cancel()
    log(task.uncancel())
    await outcome('task', task)


@scenario
def schedule_callbacks_list_mutation(loop):
    future = loop.create_future()

    def removes(_):
        log('removes', future.remove_done_callback(last))

    last = logs('last')
    future.add_done_callback(removes)
    future.add_done_callback(last)
    future.add_done_callback(lambda _: future.add_done_callback(logs('added')))
    future.set_result(None)
    turns(loop, 3)


@scenario
def run_until_complete_loop_orphan_future(loop):
    async def sleeps():
        await asyncio.sleep(0.001)

    loop.call_soon(loop.stop)
    orphan = loop.create_task(sleeps())
    try:
        loop.run_until_complete(orphan)
    except RuntimeError as error:
        log(error)
    loop.run_until_complete(sleeps())
    loop.run_until_complete(orphan)
    log(orphan.done())


@since(3, 12)
async def gather_of_done_futures_is_done():
    done = new_future()
    done.set_result('done')
    gathered = asyncio.gather(done, done)
    log(gathered.done(), gathered.result())
    failed = new_future()
    failed.set_exception(Boom('failed'))
    pending = new_future()
    gathered = asyncio.gather(pending, failed)
    log(gathered.done(), gathered.exception())
    pending.cancel()
    gathered = asyncio.gather(done, failed, return_exceptions=True)
    log(gathered.done(), gathered.result())
