"""sock_recv, sock_sendall and their siblings, sockets given to transports, sendfile. See ../sockets.test.ts."""

import asyncio
import socket
import tempfile

from stage import kind, log, task_scenario


def loop():
    return asyncio.get_running_loop()


def soon(*words):
    loop().call_soon(log, *words)


def make(kind=socket.SOCK_STREAM):
    made = socket.socket(socket.AF_INET, kind)
    made.setblocking(False)
    return made


def bound(kind=socket.SOCK_STREAM):
    made = make(kind)
    made.bind(('127.0.0.1', 0))
    return made


async def pair():
    with bound() as listener:
        listener.listen()
        near = make()
        await loop().sock_connect(near, listener.getsockname())
        far, _ = await loop().sock_accept(listener)
    return near, far


async def failure(what, awaitable):
    try:
        log(what, await awaitable)
    except OSError as error:
        log(what, 'OSError', error.errno)
    except asyncio.CancelledError:
        log(what, 'cancelled')
    except BaseException as error:
        log(what, str(error))  # a ValueError is a TypeError or a RangeError in JavaScript


@task_scenario
async def asks_at_once():
    near, far = await pair()
    with near, far:
        soon('scheduled before sending')
        await loop().sock_sendall(near, b'hello')
        log('sent')
        await asyncio.sleep(0)
        soon('scheduled before receiving')
        log('received', (await loop().sock_recv(far, 3)).decode())
        memory = bytearray(9)
        log('received', await loop().sock_recv_into(far, memory), memory[:2].decode())
        near.close()
        log('end', len(await loop().sock_recv(far, 10)))


@task_scenario
async def waits_until_ready():
    near, far = await pair()
    with near, far:

        async def receive():
            log('receiving')
            log('received', (await loop().sock_recv(far, 10)).decode())

        task = loop().create_task(receive())
        await asyncio.sleep(0)
        log('sending')
        await loop().sock_sendall(near, b'data')
        log('sent')
        await task


@task_scenario
async def cancelled_receive():
    near, far = await pair()
    with near, far:
        task = loop().create_task(loop().sock_recv(far, 10))
        await asyncio.sleep(0)
        task.cancel()
        await failure('cancelled', task)
        await loop().sock_sendall(near, b'kept')
        log('received', (await loop().sock_recv(far, 10)).decode())


@task_scenario
async def refused_connection():
    with bound() as nobody:
        address = nobody.getsockname()
    with make() as client:
        await failure('connect', loop().sock_connect(client, address))


@task_scenario
async def closed_sockets():
    with make() as unconnected:
        await failure('not connected', loop().sock_recv(unconnected, 1))
        await failure('not listening', loop().sock_accept(unconnected))


@task_scenario
async def datagrams():
    with bound(socket.SOCK_DGRAM) as one, bound(socket.SOCK_DGRAM) as two:
        log('sent', await loop().sock_sendto(one, b'hello', two.getsockname()))
        data, address = await loop().sock_recvfrom(two, 100)
        log(data.decode(), address == one.getsockname())
        memory = bytearray(10)
        await loop().sock_sendto(two, b'an answer', address)
        size, address = await loop().sock_recvfrom_into(one, memory, 4)
        log(size, memory[:size].decode(), address == two.getsockname())


class Recorder(asyncio.Protocol):
    def __init__(self, name):
        self.name = name
        self.size = 0
        self.wanted = 0
        self.lost = loop().create_future()

    def connection_made(self, transport):
        log(self.name, 'made')
        self.transport = transport

    def data_received(self, data):
        self.size += len(data)
        if self.size >= self.wanted > 0:
            log(self.name, 'has', self.size)
            self.wanted = 0
            self.done.set_result(None)

    def eof_received(self):
        log(self.name, 'eof')

    def pause_writing(self):
        log(self.name, 'pause')

    def resume_writing(self):
        log(self.name, 'resume')

    def connection_lost(self, exc):
        log(self.name, 'lost', exc if exc is None else kind(exc))
        self.lost.set_result(None)

    def has(self, size):
        self.done = loop().create_future()
        self.wanted = size
        return self.done


@task_scenario
async def given_to_transports():
    near, far = await pair()
    _, client = await loop().create_connection(lambda: Recorder('client'), sock=near)
    _, server = await loop().connect_accepted_socket(lambda: Recorder('server'), far)
    received = server.has(5)
    client.transport.write(b'hello')
    await received
    client.transport.close()
    await client.lost
    await server.lost
    log('closed', near.fileno(), far.fileno())


@task_scenario
async def refused_sockets():
    factory = asyncio.Protocol
    with make() as stream:
        await failure('both', loop().create_connection(factory, '127.0.0.1', 1, sock=stream))
        await failure('neither', loop().create_connection(factory))
        await failure('both', loop().create_server(factory, '127.0.0.1', 1, sock=stream))
        await failure('both', loop().create_unix_connection(factory, 'x', sock=stream))
        await failure('neither', loop().create_unix_connection(factory))
        await failure('both', loop().create_unix_server(factory, 'x', sock=stream))


async def transports():
    near, far = await pair()
    _, client = await loop().create_connection(lambda: Recorder('client'), sock=near)
    _, server = await loop().connect_accepted_socket(lambda: Recorder('server'), far)
    return client, server


async def end(client, server):
    client.transport.close()
    await client.lost
    await server.lost


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
