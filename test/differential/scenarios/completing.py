"""as_completed(): results as they come. See ../completing.test.ts."""

import asyncio

from stage import Boom, log, outcome, since, task_scenario

LONG = 10
SHORT = 0.001


def new_future():
    return asyncio.get_running_loop().create_future()


async def work(name, count, error=None):
    for _ in range(count):
        await asyncio.sleep(0)
    if error is not None:
        raise error
    return name


@task_scenario
async def as_completed():
    for following in asyncio.as_completed([work('slow', 6), work('fast', 1), work('middle', 3)]):
        log(await following)


@task_scenario
async def as_completed_concurrent():
    waiting = asyncio.as_completed([work('a', 1), work('b', 3)])
    log(sorted(await asyncio.gather(*waiting)))


@task_scenario
async def as_completed_duplicate_coroutines():
    coroutine = work('ham', 0)
    results = []
    for following in asyncio.as_completed([coroutine, coroutine, work('spam', 3)]):
        results.append(await following)
    log(results)


@task_scenario
async def as_completed_of_done_futures():
    futures = [new_future(), new_future()]
    futures[1].set_result('done')
    asyncio.get_running_loop().call_soon(log, 'callback')
    following = iter(asyncio.as_completed(futures))
    log(await next(following))
    futures[0].set_result('later')
    log(await next(following))
    log(next(following, 'no more'))


@task_scenario
async def as_completed_of_nothing():
    log(list(asyncio.as_completed([])))
    log(list(asyncio.as_completed([], timeout=LONG)))


@task_scenario
async def as_completed_with_errors():
    cancelled = new_future()
    cancelled.cancel('cancelled')
    for following in asyncio.as_completed([cancelled, work('fails', 2, Boom('fails')), work('ends', 5)]):
        await outcome('next', following)


@task_scenario
async def as_completed_with_timeout():
    never = new_future()
    for following in asyncio.as_completed([work('fast', 1), never], timeout=20 * SHORT):
        await outcome('next', following)
    log(never.done())


@task_scenario
async def as_completed_with_unused_timeout():
    for following in asyncio.as_completed([work('a', 1)], timeout=LONG):
        log(await following)


@task_scenario
async def as_completed_taken_after_the_timeout():
    done, never = new_future(), new_future()
    done.set_result('in time')
    waiting = iter(asyncio.as_completed([never, done], timeout=SHORT))
    await asyncio.sleep(3 * SHORT)
    await outcome('first', next(waiting))
    await outcome('second', next(waiting))


@task_scenario
async def cancelled_while_waiting():
    never = new_future()

    async def waits():
        for following in asyncio.as_completed([never]):
            await following

    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel('outside')
    await outcome('task', task)
    log(never.done())


@since(3, 13)
async def async_iteration():
    tasks = [asyncio.create_task(work('slow', 6), name='slow'), asyncio.create_task(work('fast', 1), name='fast')]
    async for task in asyncio.as_completed(tasks):
        log(task in tasks, task.get_name(), task.result())


@since(3, 13)
async def async_iteration_of_coroutines():
    async for task in asyncio.as_completed([work('a', 1), work('b', 4)]):
        log(isinstance(task, asyncio.Task), await task)


@since(3, 13)
async def async_iteration_with_errors():
    async for task in asyncio.as_completed([work('fails', 1, Boom('fails')), work('b', 4)]):
        await outcome('task', task)


@since(3, 13)
async def async_iteration_with_timeout():
    never = new_future()
    try:
        async for task in asyncio.as_completed([never, work('fast', 1)], timeout=20 * SHORT):
            log(await task)
    except TimeoutError as error:
        log(error, never.done())
