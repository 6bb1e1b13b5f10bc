"""shield(): waiting without cancelling. See ../shielding.test.ts."""

import asyncio

from stage import Boom, log, outcome, since, task_scenario


def new_future():
    return asyncio.get_running_loop().create_future()


async def batches(count):
    for _ in range(count):
        await asyncio.sleep(0)


@task_scenario
async def shield_result():
    inner = new_future()
    outer = asyncio.shield(inner)
    inner.set_result(42)
    log(outer.done())
    log(await outer)


@task_scenario
async def shield_exception():
    inner = new_future()
    outer = asyncio.shield(inner)
    inner.set_exception(Boom('inner'))
    await outcome('outer', outer)


@task_scenario
async def shield_cancel_inner():
    inner = new_future()
    outer = asyncio.shield(inner)
    await asyncio.sleep(0)
    inner.cancel('inner')
    await batches(2)
    log(outer.cancelled())
    await outcome('outer', outer)


@task_scenario
async def shield_cancel_outer():
    inner = new_future()
    outer = asyncio.shield(inner)
    await asyncio.sleep(0)
    log(outer.cancel('outer'))
    await asyncio.sleep(0)
    log(outer.cancelled(), inner.cancelled(), inner.done())
    await outcome('outer', outer)


@task_scenario
async def shield_shortcut():
    inner = new_future()
    inner.set_result(42)
    log(asyncio.shield(inner) is inner)
    log(await asyncio.shield(inner))


@task_scenario
async def shield_effect():
    waiter = new_future()

    async def inner():
        await waiter
        log('inner ends')

    async def outer():
        await asyncio.shield(inner())
        log('not here')

    task = asyncio.create_task(outer())
    await batches(2)
    task.cancel('outer')
    await outcome('outer', task)
    waiter.set_result(None)
    await batches(2)


@task_scenario
async def shield_gather():
    children = [new_future(), new_future()]
    parent = asyncio.gather(*children)
    outer = asyncio.shield(parent)
    await asyncio.sleep(0)
    outer.cancel()
    await asyncio.sleep(0)
    log(outer.cancelled(), parent.done())
    children[0].set_result(1)
    children[1].set_result(2)
    await batches(2)
    log(parent.result())


@task_scenario
async def gather_shield():
    children = [new_future(), new_future()]
    shields = [asyncio.shield(child) for child in children]
    parent = asyncio.gather(*shields)
    await asyncio.sleep(0)
    parent.cancel()
    await batches(2)
    await outcome('parent', parent)
    log([shield.cancelled() for shield in shields], [child.cancelled() for child in children])
    children[0].set_result(1)
    children[1].set_result(2)
    await batches(2)


@task_scenario
async def shielded_task_is_waited_for_again():
    async def work():
        await batches(3)
        return 'done'

    task = asyncio.create_task(work())

    async def waits():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            log('sees', error, task.done())
            log(await task)
            raise

    waiter = asyncio.create_task(waits())
    await asyncio.sleep(0)
    waiter.cancel('outer')
    await outcome('waiter', waiter)


@task_scenario
async def several_shields_of_one():
    inner = new_future()
    shields = [asyncio.shield(inner) for _ in range(3)]
    shields[1].cancel()
    inner.set_result('inner')
    for shield in shields:
        await outcome('shield', shield)


@task_scenario
async def order_of_what_waits():
    inner = new_future()
    inner.add_done_callback(lambda _: log('before'))
    outer = asyncio.shield(inner)
    outer.add_done_callback(lambda _: log('outer'))
    inner.add_done_callback(lambda _: log('after'))
    inner.set_result(None)
    await batches(4)


@task_scenario
async def shielded_coroutine():
    async def work():
        log('starts', asyncio.current_task().get_name() == name)
        await asyncio.sleep(0)
        return 'done'

    name = asyncio.current_task().get_name()
    log(await asyncio.shield(work()))


@since(3, 14)
async def inner_fails_after_outer_is_cancelled():
    inner = new_future()
    outer = asyncio.shield(inner)
    outer.cancel()
    await asyncio.sleep(0)
    inner.set_exception(Boom('inner'))
    await batches(2)
    log(outer.cancelled())


@since(3, 14)
async def inner_fails_after_several_are_cancelled():
    inner = new_future()
    for _ in range(3):
        asyncio.shield(inner).cancel()
    await asyncio.sleep(0)
    inner.set_exception(Boom('inner'))
    await batches(2)
