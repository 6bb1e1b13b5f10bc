"""wait(): until some of several futures are done. See ../waits.test.ts."""

import asyncio

from stage import Boom, kind, log, outcome, task_scenario

LONG = 10
SHORT = 0.001


def new_future():
    return asyncio.get_running_loop().create_future()


async def batches(count):
    for _ in range(count):
        await asyncio.sleep(0)


async def work(name, count=1, error=None):
    await batches(count)
    if error is not None:
        raise error
    return name


def start(*names):
    return [asyncio.create_task(work(name, count), name=name) for count, name in enumerate(names)]


async def waited(tasks, **options):
    done, pending = await asyncio.wait(tasks, **options)
    log('done', sorted(task.get_name() for task in done), 'pending',
        sorted(task.get_name() for task in pending))
    return done, pending


def failing(name, count):
    return asyncio.create_task(work(name, count, Boom(name)), name=name)


@task_scenario
async def wait():
    tasks = start('a', 'b', 'c')
    asyncio.get_running_loop().call_soon(log, 'callback')
    await waited(tasks)
    log([task.result() for task in tasks])


@task_scenario
async def wait_duplicates():
    task, = start('a')
    done, _ = await asyncio.wait([task, task])
    log(len(done))


@task_scenario
async def wait_first_completed():
    tasks = start('a', 'b', 'c')
    await waited(tasks, return_when=asyncio.FIRST_COMPLETED)
    await waited(tasks)


@task_scenario
async def wait_really_done():
    tasks = start('a', 'b')
    await asyncio.gather(*tasks)
    asyncio.get_running_loop().call_soon(log, 'callback')
    await waited(tasks, return_when=asyncio.FIRST_COMPLETED)
    await waited(tasks)


@task_scenario
async def wait_first_exception():
    tasks = [*start('a'), failing('fails', 2), *start('b'), asyncio.create_task(work('late', 8), name='late')]
    done, _ = await waited(tasks, return_when=asyncio.FIRST_EXCEPTION)
    log([task.exception() for task in tasks[:2]])
    await waited(tasks)


@task_scenario
async def wait_first_exception_without_one():
    await waited(start('a', 'b'), return_when=asyncio.FIRST_EXCEPTION)


@task_scenario
async def wait_first_exception_in_wait():
    await waited([failing('fails', 0), *start('a', 'b', 'c')], return_when=asyncio.FIRST_EXCEPTION)


@task_scenario
async def wait_with_exception():
    tasks = [*start('a'), failing('fails', 1)]
    await waited(tasks)
    log(tasks[1].exception())


@task_scenario
async def cancelled_member_is_no_exception():
    tasks = start('a', 'b', 'c')
    tasks[2].cancel()
    await waited(tasks, return_when=asyncio.FIRST_EXCEPTION)
    log(tasks[2].cancelled())


@task_scenario
async def cancelled_member_completes():
    tasks = start('a', 'b', 'c')
    tasks[2].cancel()
    await waited(tasks, return_when=asyncio.FIRST_COMPLETED)


@task_scenario
async def wait_with_timeout():
    never = new_future()
    task, = start('a')
    done, pending = await asyncio.wait([task, never], timeout=SHORT)
    log(task in done, never in pending, never.cancelled())


@task_scenario
async def wait_timeout_zero():
    never = new_future()
    finished = new_future()
    finished.set_result(None)
    done, pending = await asyncio.wait([never, finished], timeout=0)
    log(finished in done, never in pending)


@task_scenario
async def wait_with_timeout_in_time():
    await waited(start('a', 'b'), timeout=LONG)


@task_scenario
async def waiter_is_cancelled():
    never = new_future()
    waiter = asyncio.create_task(waited([never], timeout=LONG))
    await asyncio.sleep(0)
    waiter.cancel('waiter')
    await outcome('waiter', waiter)
    log(never.done(), waiter.cancelled())


@task_scenario
async def several_wait_for_one():
    future = new_future()

    async def waits(name):
        await asyncio.wait([future])
        log(name)

    waiters = [asyncio.create_task(waits(name)) for name in 'abc']
    await asyncio.sleep(0)
    waiters[1].cancel()
    asyncio.get_running_loop().call_soon(future.set_result, None)
    asyncio.get_running_loop().call_soon(log, 'callback')
    await asyncio.gather(*waiters, return_exceptions=True)


@task_scenario
async def done_while_the_waiter_is_cancelled():
    future = new_future()

    async def waits():
        await asyncio.wait([future])
        log('not here')

    waiter = asyncio.create_task(waits())
    await asyncio.sleep(0)
    future.set_result('kept')
    waiter.cancel()
    await outcome('waiter', waiter)
    log(future.result())


@task_scenario
async def wait_errors():
    async def refused(*arguments, **options):
        try:
            await asyncio.wait(*arguments, **options)
        except Exception as error:
            log(kind(error) == 'TypeError')

    future = new_future()
    coroutine = work('never')
    await refused([])
    await refused([future], return_when='SOON')
    await refused(future)
    await refused([coroutine])
    coroutine.close()


@task_scenario
async def wait_with_iterator_of_tasks():
    await waited(iter(start('a', 'b')))
    await waited(set(start('c', 'd')))


@task_scenario
async def cancellation_broadcast():
    waiter = new_future()

    async def inner(name):
        try:
            await waiter
        except asyncio.CancelledError as error:
            log(name, error)
            raise

    children = [asyncio.create_task(inner(name)) for name in 'ab']
    gathered = []

    async def outer():
        gathered.append(asyncio.gather(*children))
        await gathered[0]

    task = asyncio.create_task(outer())
    await batches(2)
    log(task.cancel('outer'))
    await outcome('outer', task)
    log(gathered[0].cancel(), waiter.cancelled(), [child.cancelled() for child in children])
