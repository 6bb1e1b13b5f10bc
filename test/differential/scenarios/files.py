"""sendfile and sock_sendfile: how much is sent, between what, and what else goes on. See ../files.test.ts."""

import asyncio
import socket
import tempfile

from socket_ends import end, failure, loop, make, pair, transports
from stage import kind, log, task_scenario


def file_of(data):
    file = tempfile.TemporaryFile()
    file.write(data)
    file.flush()
    file.seek(0)
    return file


@task_scenario
async def sendfile_between_writes():
    client, server = await transports()
    with file_of(b'x' * 1000) as file:
        received = server.has(1010)
        client.transport.write(b'12345')
        task = loop().create_task(loop().sendfile(client.transport, file))
        await asyncio.sleep(0)
        log('reading', client.transport.is_reading())
        try:
            client.transport.write(b'refused')
        except RuntimeError as error:
            log(error)
        log('sent', await task, file.tell())
        log('reading', client.transport.is_reading())
        client.transport.write(b'67890')
        await received
        log('part', await loop().sendfile(client.transport, file, 990, 100), file.tell())
        log('part', await loop().sendfile(client.transport, file, 10, 20), file.tell())
        log('none', await loop().sendfile(client.transport, file, 2000))
        client.transport.pause_reading()
        await loop().sendfile(client.transport, file)
        log('reading', client.transport.is_reading())
    await end(client, server)


@task_scenario
async def sendfile_of_what_cannot_be_sent():
    client, server = await transports()
    with open('/proc/self/status', 'rb', buffering=0) as file:
        await refused('native', loop().sendfile(client.transport, file, 0, 5, fallback=False))
        received = server.has(8)
        log('sent', await loop().sendfile(client.transport, file, 0, 5), file.tell())
        log('sent', await loop().sendfile(client.transport, file, 1, 3), file.tell())
        await received
        log('reading', client.transport.is_reading())
    await end(client, server)


async def refused(what, awaitable):
    try:
        await awaitable
    except RuntimeError as error:
        log(what, kind(error))


@task_scenario
async def sendfile_when_closing():
    client, server = await transports()
    with file_of(b'x') as file:
        client.transport.close()
        await failure('closing', loop().sendfile(client.transport, file))
    await client.lost
    await server.lost


@task_scenario
async def sock_sendfile():
    near, far = await pair()
    with near, far, file_of(b'0123456789') as file:
        log('all', await loop().sock_sendfile(near, file), file.tell())
        log('part', await loop().sock_sendfile(near, file, 2, 3), file.tell())
        log('rest', await loop().sock_sendfile(near, file, 8, 5), file.tell())
        log((await loop().sock_recv(far, 100)).decode())
        with make(socket.SOCK_DGRAM) as wrong:
            await failure('datagrams', loop().sock_sendfile(wrong, file))
