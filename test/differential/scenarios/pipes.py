"""Pipes and unix sockets: the order of a transport's callbacks. See ../pipes.test.ts."""

import asyncio
import os
import socket
import tempfile

from pipe_ends import Recorder, pipe_scenario
from stage import log, scenario


def is_reading(transport):
    """Read pipes have is_reading() since 3.11.4 only."""
    try:
        return transport.is_reading()
    except NotImplementedError:
        return not (transport._paused or transport._closing)



@pipe_scenario()
async def read_to_the_end(ends):
    ends.loop.call_soon(log, 'soon')
    transport, protocol = await ends.reader()
    log('connected', is_reading(transport), transport.is_closing())
    os.write(ends.writing, b'one')
    await protocol.next()
    os.write(ends.writing, b'two')
    os.close(ends.writing)
    await protocol.lost
    log('ended', is_reading(transport), transport.is_closing())


@pipe_scenario(keep_open=True)
async def read_end_is_final(ends):
    transport, protocol = await ends.reader()
    os.close(ends.writing)
    await protocol.lost
    log('ended', transport.is_closing())


@pipe_scenario()
async def read_paused(ends):
    transport, protocol = await ends.reader()
    transport.pause_reading()
    transport.pause_reading()
    log(is_reading(transport))
    os.write(ends.writing, b'hello')
    for _ in range(5):
        await asyncio.sleep(0)
    log('nothing yet')
    transport.resume_reading()
    transport.resume_reading()
    log(is_reading(transport))
    await protocol.next()
    transport.close()
    await protocol.lost
    os.close(ends.writing)


@pipe_scenario()
async def read_closed(ends):
    transport, protocol = await ends.reader()
    ends.loop.call_soon(log, 'before')
    transport.close()
    transport.close()
    ends.loop.call_soon(log, 'after')
    log('called', transport.is_closing())
    await protocol.lost
    transport.resume_reading()
    os.close(ends.writing)


@pipe_scenario(on_data=lambda transport: transport.close())
async def read_closed_in_data(ends):
    transport, protocol = await ends.reader()
    os.write(ends.writing, b'hello')
    await protocol.lost
    log('ended')
    os.close(ends.writing)


@pipe_scenario()
async def read_cancelled(ends):
    task = ends.loop.create_task(ends.reader())
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        log('cancelled')
    for _ in range(3):
        await asyncio.sleep(0)
    os.close(ends.writing)


@pipe_scenario()
async def write_and_close(ends):
    ends.loop.call_soon(log, 'soon')
    transport, protocol = await ends.writer()
    log('connected', transport.is_closing(), transport.can_write_eof())
    transport.write(b'hello')
    transport.close()
    log('called', transport.is_closing())
    transport.write(b'dropped')
    await protocol.lost
    log(os.read(ends.reading, 100).decode())
    log(len(os.read(ends.reading, 100)))
    os.close(ends.reading)


@pipe_scenario()
async def write_eof(ends):
    transport, protocol = await ends.writer()
    transport.writelines([b'hel', b'lo'])
    transport.write_eof()
    transport.write_eof()
    log('called', transport.is_closing())
    await protocol.lost
    log(os.read(ends.reading, 100).decode())
    os.close(ends.reading)


@pipe_scenario()
async def write_drains_before_closing(ends):
    transport, protocol = await ends.writer()
    log('writes')
    transport.write(bytes(200_000))
    log('wrote', transport.get_write_buffer_size() > 64 * 1024)
    transport.close()
    log('called')
    while transport.get_write_buffer_size() > 0:
        os.read(ends.reading, 65536)
        await asyncio.sleep(0.001)
    await protocol.lost
    os.close(ends.reading)


@pipe_scenario()
async def write_aborted(ends):
    transport, protocol = await ends.writer()
    transport.write(bytes(200_000))
    ends.loop.call_soon(log, 'before')
    transport.abort()
    ends.loop.call_soon(log, 'after')
    log(transport.get_write_buffer_size(), transport.is_closing())
    await protocol.lost
    os.close(ends.reading)


@pipe_scenario()
async def write_reader_goes(ends):
    transport, protocol = await ends.writer()
    os.close(ends.reading)
    await protocol.lost
    log('ended', transport.is_closing())


@pipe_scenario()
async def write_reader_goes_with_data(ends):
    transport, protocol = await ends.writer()
    transport.write(bytes(200_000))
    os.close(ends.reading)
    await protocol.lost
    log('ended', transport.get_write_buffer_size())


@scenario
def regular_files(loop):
    async def main():
        with tempfile.TemporaryFile() as file:
            for connect in (loop.connect_read_pipe, loop.connect_write_pipe):
                try:
                    await connect(lambda: Recorder('none', loop), file)
                except ValueError as error:
                    log(str(error))

    loop.run_until_complete(main())


@scenario
def unix_conversation(loop):
    async def main():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'socket')
            accepted = []

            def make():
                accepted.append(Recorder('server', loop, events=[], keep_open=True))
                return accepted[-1]

            server = await loop.create_unix_server(make, path)
            log('serving', server.is_serving(), server.sockets[0].getsockname() == path)
            client = Recorder('client', loop, events=[])
            transport, _ = await loop.create_unix_connection(lambda: client, path)
            log(transport.get_extra_info('peername') == path, transport.get_extra_info('sockname') == '')
            transport.write(b'question')
            transport.write_eof()
            while not accepted:
                await asyncio.sleep(0.001)
            await accepted[0].ended
            accepted[0].transport.write(b'answer')
            accepted[0].transport.close()
            await client.lost
            await accepted[0].lost
            server.close()
            await server.wait_closed()
            log('closed', server.is_serving(), len(server.sockets))
            for protocol in (client, accepted[0]):
                log(protocol.name, protocol.events)

    loop.run_until_complete(main())


@scenario
def unix_nobody_listens(loop):
    async def main():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'socket')
            for attempt in ('missing', 'stale'):
                if attempt == 'stale':
                    with socket.socket(socket.AF_UNIX) as stale:
                        stale.bind(path)
                try:
                    await loop.create_unix_connection(lambda: Recorder('none', loop), path)
                except OSError as error:
                    log(attempt, type(error) is FileNotFoundError, type(error) is ConnectionRefusedError)
            server = await loop.create_unix_server(lambda: Recorder('none', loop), path)
            log(server.is_serving())
            server.close()
            open(path + '2', 'w').close()
            try:
                await loop.create_unix_server(lambda: Recorder('none', loop), path + '2')
            except OSError as error:
                log('in use', 'already in use' in str(error))

    loop.run_until_complete(main())
