"""The eager task factory with everything that makes tasks. See ../eager_factory.test.ts."""

import asyncio

from eager import new_future
from stage import Boom, log, since


@since(3, 12)
async def with_the_task_factory():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)

    async def work(name):
        log(name, 'begins')
        await asyncio.sleep(0)
        log(name, 'ends')
        return name

    tasks = [asyncio.create_task(work(name)) for name in 'ab']
    log('made')
    log(await asyncio.gather(*tasks))


@since(3, 12)
async def gather_of_tasks_done_at_once():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)

    async def work(name):
        return name

    gathered = asyncio.gather(work('a'), work('b'))
    log(gathered.done(), await gathered)


@since(3, 12)
async def waits_for_tasks_done_at_once():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)

    async def work(name):
        return name

    done, pending = await asyncio.wait([asyncio.create_task(work(name)) for name in 'ab'])
    log(len(done), len(pending))
    log(await asyncio.wait_for(work('c'), 10))
    log(await asyncio.shield(work('d')))
    for following in asyncio.as_completed([work('e')]):
        log(await following)


@since(3, 13)
async def in_a_task_group():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)

    async def work(name):
        log(name, 'begins')
        await asyncio.sleep(0)
        log(name, 'ends')

    async with asyncio.TaskGroup() as group:
        group.create_task(work('a'))
        group.create_task(work('b'))
        log('body ends')
    log('after')


@since(3, 14)
async def fails_at_once_in_a_task_group():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)

    async def fails():
        raise Boom('at once')

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            log('body goes on', asyncio.current_task().cancelling())
            await new_future()
            log('not here')
    except BaseException as error:
        log(error, asyncio.current_task().cancelling())
