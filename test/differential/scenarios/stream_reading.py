"""StreamReader fed by hand: read, readexactly and iteration. See ../stream_reading.test.ts."""

import asyncio

from stage import Boom, log, outcome, task_scenario


def text(data):
    return '"' + data.decode('latin-1').replace('\n', '\\n') + '"'


async def reading(what, awaitable):
    """Logs the bytes, or the error with its attributes."""
    try:
        log(what, text(await awaitable))
    except asyncio.IncompleteReadError as error:
        log(what, error, text(error.partial), error.expected)
    except asyncio.LimitOverrunError as error:
        log(what, error, error.consumed)
    except ValueError as error:
        log(what, f'RangeError({error})')
    except BaseException as error:
        log(what, error)


class Stub:
    """A transport that says when it is paused."""

    def pause_reading(self):
        log('pauses')

    def resume_reading(self):
        log('resumes')

    def __repr__(self):
        return 'stub'


def fed(*chunks, limit=2**16, eof=False):
    reader = asyncio.StreamReader(limit=limit)
    for chunk in chunks:
        reader.feed_data(chunk)
    if eof:
        reader.feed_eof()
    return reader


def soon(call, *args):
    asyncio.get_running_loop().call_soon(call, *args)


def feed_soon(reader, *chunks, eof=False):
    def feed():
        log('feeds')
        for chunk in chunks:
            reader.feed_data(chunk)
        if eof:
            reader.feed_eof()

    soon(feed)


@task_scenario
async def representation():
    log(fed())
    log(fed(b''))
    log(fed(b'some'))
    log(fed(b'some', eof=True, limit=3))
    reader = fed(limit=2)
    reader.set_transport(Stub())
    reader.feed_data(b'12345')
    log(reader)


@task_scenario
async def read_of_what_is_there():
    reader = fed(b'line1', b'line2')
    await reading('zero', reader.read(0))
    log(reader)
    await reading('a chunk', reader.read(5))
    await reading('less', reader.read(2))
    await reading('more', reader.read(99))
    log(reader)


@task_scenario
async def read_across_chunks():
    reader = fed(b'abc', b'def', b'ghi')
    await reading('five', reader.read(5))
    await reading('rest', reader.read(99))


@task_scenario
async def read_does_not_give_way():
    reader = fed(b'abc\ndef\n')
    soon(log, 'callback')
    await reading('read', reader.read(2))
    await reading('line', reader.readline())
    await reading('exactly', reader.readexactly(2))
    await reading('until', reader.readuntil(b'f'))
    log('end')
    await asyncio.sleep(0)


@task_scenario
async def read_waits():
    reader = fed()
    soon(log, 'before')
    feed_soon(reader, b'first ', b'second')
    soon(log, 'after')
    await reading('read', reader.read(30))
    feed_soon(reader, b'third')
    await reading('part', reader.read(2))
    log(reader)


@task_scenario
async def read_at_the_end():
    reader = fed()
    feed_soon(reader, eof=True)
    await reading('read', reader.read(1024))
    await reading('again', reader.read(1024))
    await reading('all', reader.read())
    await reading('line', reader.readline())
    await reading('exactly', reader.readexactly(1))
    await reading('until', reader.readuntil(b'x'))
    log(reader.at_eof())


@task_scenario
async def read_until_the_end():
    reader = fed(b'chunk0 ')
    feed_soon(reader, b'chunk1\n', b'chunk2', eof=True)
    await reading('all', reader.read())
    log(reader)
    await reading('of nothing', fed(eof=True).read(-1))
    await reading('minus two', fed(b'abc', eof=True).read(-2))


@task_scenario
async def read_until_the_end_in_pieces():
    reader = fed()
    loop = asyncio.get_running_loop()
    loop.call_soon(reader.feed_data, b'one ')
    loop.call_soon(loop.call_soon, reader.feed_data, b'two ')
    loop.call_soon(loop.call_soon, loop.call_soon, reader.feed_eof)
    await reading('all', reader.read())


@task_scenario
async def at_eof():
    reader = fed()
    log(reader.at_eof())
    reader.feed_data(b'some data\n')
    log(reader.at_eof())
    await reader.readline()
    log(reader.at_eof())
    reader.feed_data(b'some data\n')
    reader.feed_eof()
    log(reader.at_eof())
    await reader.readline()
    log(reader.at_eof())


@task_scenario
async def exactly():
    reader = fed(b'12345')
    await reading('zero', reader.readexactly(0))
    await reading('three', reader.readexactly(3))
    feed_soon(reader, b'67', b'89')
    await reading('five', reader.readexactly(5))
    log(reader)
    await reading('above the limit', fed(b'chunk', limit=3).readexactly(5))


@task_scenario
async def exactly_waits_for_enough():
    reader = fed(b'1')
    loop = asyncio.get_running_loop()
    loop.call_soon(reader.feed_data, b'2')
    loop.call_soon(loop.call_soon, reader.feed_data, b'3')
    loop.call_soon(loop.call_soon, log, 'third fed')
    await reading('three', reader.readexactly(3))


@task_scenario
async def exactly_ends_early():
    reader = fed(b'12345')
    feed_soon(reader, b'67', eof=True)
    await reading('nine', reader.readexactly(9))
    log(reader)


@task_scenario
async def iteration():
    reader = fed(b'one\ntwo\n')
    feed_soon(reader, b'three\nfo', b'ur', eof=True)
    async for line in reader:
        log(text(line))
    log(reader.at_eof())


@task_scenario
async def iteration_goes_on():
    reader = fed(b'one\n\ntwo\n', eof=True)
    async for line in reader:
        log(text(line))
        break
    async for line in reader:
        log('again', text(line))
    async for line in reader:
        log('never', text(line))


@task_scenario
async def iteration_fails():
    reader = fed(b'one\n')
    soon(reader.set_exception, Boom('broken'))
    await outcome('iteration', iterate(reader))


async def iterate(reader):
    async for line in reader:
        log(text(line))
