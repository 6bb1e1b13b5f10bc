"""Task factories. See ../task_factories.test.ts."""

import asyncio

from stage import Boom, log, since, task_scenario


@task_scenario
async def task_factory():
    loop = asyncio.get_running_loop()

    def factory(own, coroutine, **options):
        log('makes', own is loop, sorted(key for key, value in options.items() if value is not None))
        return asyncio.Task(coroutine, loop=own, **options)

    async def work():
        await asyncio.sleep(0)
        return asyncio.current_task().get_name()

    log(loop.get_task_factory())
    loop.set_task_factory(factory)
    log(loop.get_task_factory() is factory)
    log((await loop.create_task(work())) is not None)
    log(await asyncio.gather(work(), asyncio.ensure_future(work())) is not None)
    async with asyncio.TaskGroup() as group:
        group.create_task(work())
    loop.set_task_factory(None)
    log(await loop.create_task(work(), name='named'))


@since(3, 14)
async def task_factory_gets_the_name():
    loop = asyncio.get_running_loop()

    def factory(own, coroutine, **options):
        log('makes', options.get('name'))
        return asyncio.Task(coroutine, loop=own, **options)

    async def work():
        return asyncio.current_task().get_name()

    loop.set_task_factory(factory)
    log(await loop.create_task(work(), name='named'))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work(), name='grouped')
    log(task.get_name())


@task_scenario
async def task_factory_that_refuses():
    loop = asyncio.get_running_loop()

    def factory(own, coroutine, **options):
        coroutine.close()
        raise Boom('no')

    async def work():
        log('not here')

    loop.set_task_factory(factory)
    try:
        loop.create_task(work())
    except Boom as error:
        log(error)
