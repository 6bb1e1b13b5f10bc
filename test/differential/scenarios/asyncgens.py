"""Async generators and the loop that closes them. See ../asyncgens.test.ts."""

import asyncio
import warnings

from cancelling import new_future
from stage import Boom, log, scenario


async def ticks(name='generator'):
    try:
        for tick in range(3):
            yield tick
    finally:
        log(name, 'begins to close')
        await asyncio.sleep(0)
        log(name, 'is closed')


def first_of(loop, generator):
    async def main():
        return await generator.__anext__()

    return loop.run_until_complete(main())


def shut_down(loop):
    loop.run_until_complete(loop.shutdown_asyncgens())
    log('shut down')


@scenario
def suspended_is_closed(loop):
    generator = ticks()
    log(first_of(loop, generator))
    shut_down(loop)

    async def goes_on():
        log('left', [tick async for tick in generator])

    loop.run_until_complete(goes_on())


@scenario
def not_begun_is_left_alone(loop):
    generator = ticks()
    shut_down(loop)
    del generator


@scenario
def ended_is_left_alone(loop):
    async def main():
        log([tick async for tick in generator])

    generator = ticks()
    loop.run_until_complete(main())
    shut_down(loop)


@scenario
def closed_is_left_alone(loop):
    async def main():
        log(await generator.__anext__())
        await generator.aclose()

    generator = ticks()
    loop.run_until_complete(main())
    shut_down(loop)


@scenario
def failed_is_left_alone(loop):
    async def main():
        log(await generator.__anext__())
        try:
            await generator.athrow(Boom('thrown in'))
        except Boom as error:
            log(error)

    generator = ticks()
    loop.run_until_complete(main())
    shut_down(loop)


@scenario
def closing_fails(loop):
    async def fails():
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            raise Boom('closing')

    generator = fails()
    log(first_of(loop, generator))
    shut_down(loop)


@scenario
def closing_is_ignored(loop):
    async def stubborn():
        try:
            yield 1
        finally:
            yield 2

    generator = stubborn()
    log(first_of(loop, generator))
    shut_down(loop)


@scenario
def running_cannot_be_closed(loop):
    async def waits():
        log(await future)
        yield 'value'

    async def main():
        task = asyncio.ensure_future(generator.__anext__())
        await asyncio.sleep(0)
        await loop.shutdown_asyncgens()
        future.set_result('result')
        log(await task)

    future = loop.create_future()
    generator = waits()
    loop.run_until_complete(main())
    shut_down(loop)


@scenario
def closed_in_a_task(loop):
    async def named():
        try:
            yield 1
        finally:
            log(asyncio.current_task() is not None, asyncio.get_running_loop() is loop)

    generator = named()
    log(first_of(loop, generator))
    shut_down(loop)


@scenario
def begun_after_shutdown(loop):
    shut_down(loop)
    generator = ticks()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        log(first_of(loop, generator))
        log([warning.category.__name__ for warning in caught])
    shut_down(loop)


@scenario
def cancelled_inside(loop):
    async def waits():
        try:
            yield 1
            await new_future()
        finally:
            log('cleans up')

    async def main():
        async for tick in generator:
            log(tick)

    generator = waits()
    task = loop.create_task(main())
    loop.call_later(0.001, task.cancel, 'why')
    try:
        loop.run_until_complete(task)
    except asyncio.CancelledError as error:
        log(error)
    shut_down(loop)
