"""StreamReader fed by hand: readline and readuntil, and what the limit does to them. See ../stream_lines.test.ts."""

import asyncio

from stage import log, task_scenario
from stream_reading import fed, feed_soon, reading


@task_scenario
async def lines_that_are_there():
    reader = fed(b'line1\nli', b'ne2\nline3\n')
    await reading('first', reader.readline())
    log(reader)
    await reading('seven bytes', reader.read(7))
    log(reader)
    await reading('rest', reader.readline())


@task_scenario
async def a_line_that_comes():
    reader = fed(b'chunk1 ')
    feed_soon(reader, b'chunk2 ', b'chunk3 ', b'\n chunk4')
    await reading('line', reader.readline())
    log(reader)


@task_scenario
async def the_last_line():
    await reading('unfinished', fed(b'some data', eof=True).readline())
    await reading('none', fed(eof=True).readline())
    await reading('finished', fed(b'a\n', eof=True).readline())


@task_scenario
async def line_limit_with_data():
    reader = fed(b'li', b'ne1\nline2\n', limit=3)
    await reading('found', reader.readline())
    log(reader)
    reader = fed(b'li', b'ne1', b'li', limit=3)
    await reading('not found', reader.readline())
    log(reader)


@task_scenario
async def line_limit_while_waiting():
    reader = fed(limit=7)
    feed_soon(reader, b'chunk1', b'chunk2', b'chunk3\n', eof=True)
    await reading('found', reader.readline())
    log(reader)
    reader = fed(limit=7)
    feed_soon(reader, b'chunk1', b'chunk2\n', b'chunk3\n', eof=True)
    await reading('found', reader.readline())
    log(reader)
    await reading('next', reader.readline())


@task_scenario
async def line_limit_is_strict():
    reader = fed(b'1234567\n', limit=7)
    await reading('seven', reader.readline())
    reader.feed_data(b'12345678\n')
    await reading('eight', reader.readline())
    log(reader)
    reader.feed_data(b'1234567')
    feed_soon(reader, b'8')
    await reading('no newline', reader.readline())
    log(reader)


@task_scenario
async def separators():
    reader = fed(b'lineAAAxxxAAAA')
    await reading('first', reader.readuntil(b'AAA'))
    await reading('second', reader.readuntil(b'AAA'))
    log(reader)
    await reading('newline by default', fed(b'a\nb').readuntil())


@task_scenario
async def separators_across_chunks():
    for chunks in (
        (b'QWEaa', b'XYaa', b'a'),
        (b'QWEaa', b'XYa', b'aa'),
        (b'aaa',),
        (b'Xaaa',),
        (b'XXX', b'a', b'a', b'a'),
        (b'aa', b'', b'aaaa'),
    ):
        reader = fed(*chunks)
        await reading('there', reader.readuntil(b'aaa'))
        log(reader)
        reader = fed(chunks[0])
        feed_soon(reader, *chunks[1:])
        await reading('coming', reader.readuntil(b'aaa'))
        log(reader)


@task_scenario
async def separators_in_turns():
    loop = asyncio.get_running_loop()
    reader = fed(b'abSE')
    loop.call_soon(reader.feed_data, b'PA')
    loop.call_soon(loop.call_soon, reader.feed_data, b'RATOR and more')
    await reading('until', reader.readuntil(b'SEPARATOR'))
    log(reader)


@task_scenario
async def a_separator_that_never_comes():
    reader = fed(b'some dataAA')
    feed_soon(reader, eof=True)
    await reading('until', reader.readuntil(b'AAA'))
    log(reader)


@task_scenario
async def separator_and_limit():
    reader = fed(b'some dataAA', limit=3)
    await reading('not found', reader.readuntil(b'AAA'))
    log(reader)
    reader.feed_data(b'A')
    await reading('found', reader.readuntil(b'AAA'))
    log(reader)
    await reading('still there', reader.readexactly(12))


@task_scenario
async def separator_and_strict_limit():
    await reading('at the limit', fed(b'1234XY', limit=4).readuntil(b'XY'))
    await reading('above', fed(b'12345XY', limit=4).readuntil(b'XY'))
    await reading('begun', fed(b'1234X', limit=4, eof=True).readuntil(b'XY'))
    await reading('not begun', fed(b'123456', limit=4).readuntil(b'XY'))


@task_scenario
async def the_limit_while_waiting():
    reader = fed(b'1234', limit=4)
    feed_soon(reader, b'5678')
    await reading('until', reader.readuntil(b'XY'))
    log(reader)
