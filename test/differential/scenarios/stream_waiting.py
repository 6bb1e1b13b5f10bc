"""StreamReader: who waits, what cancels and fails it, and when the transport is paused. See ../stream_waiting.test.ts."""

import asyncio

from stage import Boom, kind, log, task_scenario
from stream_reading import Stub, fed, feed_soon, reading, soon


@task_scenario
async def failure():
    reader = fed(b'line\n')
    log(reader.exception())
    await reading('two', reader.read(2))
    reader.set_exception(Boom('broken'))
    log(reader.exception())
    await reading('read', reader.read(2))
    await reading('zero', reader.read(0))
    await reading('all', reader.read())
    await reading('line', reader.readline())
    await reading('exactly', reader.readexactly(2))
    await reading('until', reader.readuntil(b'x'))


@task_scenario
async def failure_while_waiting():
    for read in ('read', 'readline', 'readuntil'):
        reader = fed()
        soon(reader.set_exception, Boom(read))
        soon(log, 'callback')
        await reading(read, getattr(reader, read)())
    reader = fed()
    soon(reader.set_exception, Boom('x'))
    await reading('readexactly', reader.readexactly(3))


@task_scenario
async def one_at_a_time():
    reader = fed()
    task = asyncio.create_task(reading('first', reader.read(10)))
    await asyncio.sleep(0)
    await reading('read', reader.read(10))
    await reading('all', reader.read())
    await reading('line', reader.readline())
    await reading('until', reader.readuntil(b'x'))
    await reading('exactly', reader.readexactly(1))
    reader.feed_data(b'data')
    await task


@task_scenario
async def cancelled():
    reader = fed(b'some')
    task = asyncio.create_task(reading('line', reader.readline()))
    await asyncio.sleep(0)
    task.cancel('why')
    await asyncio.sleep(0)
    log(task.done(), reader)
    reader.feed_data(b' line\n')
    await reading('again', reader.readline())


@task_scenario
async def cancelled_when_data_has_come():
    reader = fed()
    task = asyncio.create_task(reading('read', reader.read(9)))
    await asyncio.sleep(0)
    reader.feed_data(b'data')
    task.cancel()
    await asyncio.sleep(0)
    log(task.done(), reader)
    await reading('again', reader.read(9))


@task_scenario
async def failure_after_cancel():
    reader = fed()
    task = asyncio.create_task(reading('read', reader.read(9)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    reader.set_exception(Boom('message'))
    await asyncio.sleep(0)
    await reading('later', reader.read(1))


@task_scenario
async def timed_out():
    reader = fed(b'abc')
    try:
        await asyncio.wait_for(reader.readexactly(5), 0.001)
    except asyncio.TimeoutError as error:
        log(kind(error))
    reader.feed_data(b'de')
    await reading('again', reader.readexactly(5))


@task_scenario
async def pauses_at_twice_the_limit():
    reader = fed(limit=4)
    reader.set_transport(Stub())
    reader.feed_data(b'12345678')
    log('at twice')
    reader.feed_data(b'9')
    reader.feed_data(b'a')
    log(reader)
    await reading('five', reader.read(5))
    await reading('one', reader.read(1))
    log(reader)


@task_scenario
async def resumes_to_wait():
    reader = fed(limit=2)
    reader.set_transport(Stub())
    reader.feed_data(b'12345')
    feed_soon(reader, b'6789')
    await reading('nine', reader.readexactly(9))
    log(reader)


@task_scenario
async def resumes_for_lines():
    reader = fed(limit=4)
    reader.set_transport(Stub())
    reader.feed_data(b'1\n2\n3\n456')
    await reading('first', reader.readline())
    await reading('second', reader.readline())
    await reading('third', reader.readline())
    reader.feed_data(b'7890abcdef')
    await reading('too long', reader.readline())
    log(reader)
