"""sock_recv, sock_sendall and their siblings, sockets given to transports. See ../sockets.test.ts."""

import asyncio
import socket

from socket_ends import Recorder, bound, failure, loop, make, pair, soon
from stage import log, task_scenario


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
