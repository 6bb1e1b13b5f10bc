"""What opens a transport: connection_made comes through the ready queue, and then whoever waits. See ../opening.test.ts."""

import asyncio
import os
import socket
import tempfile

from socket_ends import bound, loop, pair, soon
from stage import log, task_scenario


def recorded(protocol):
    """A factory of protocols of that class, with what they schedule."""

    class Recorder(protocol):
        def __init__(self):
            log('factory')
            soon('scheduled by the factory')
            self.lost = loop().create_future()

        def connection_made(self, transport):
            log('made')
            soon('scheduled by connectionMade')

        def connection_lost(self, exc):
            log('lost')
            self.lost.set_result(None)

    return Recorder


async def opened(opening):
    transport, protocol = await opening
    log('open')
    transport.close()
    await protocol.lost


DATAGRAMS = recorded(asyncio.DatagramProtocol)
STREAM = recorded(asyncio.Protocol)


@task_scenario
async def datagrams():
    await opened(loop().create_datagram_endpoint(DATAGRAMS, local_addr=('127.0.0.1', 0)))


@task_scenario
async def given_datagram_socket():
    await opened(loop().create_datagram_endpoint(DATAGRAMS, sock=bound(socket.SOCK_DGRAM)))


@task_scenario
async def connection():
    with bound() as listener:
        listener.listen()
        await opened(loop().create_connection(STREAM, *listener.getsockname()))


@task_scenario
async def given_socket():
    near, far = await pair()
    with far:
        await opened(loop().create_connection(STREAM, sock=near))


@task_scenario
async def accepted_socket():
    near, far = await pair()
    with near:
        await opened(loop().connect_accepted_socket(STREAM, far))


@task_scenario
async def unix_connection():
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = os.path.join(folder, 'socket')
        listener.bind(path)
        listener.listen()
        await opened(loop().create_unix_connection(STREAM, path))


@task_scenario
async def read_pipe():
    reading, writing = os.pipe()
    await opened(loop().connect_read_pipe(STREAM, os.fdopen(reading, 'rb', 0)))
    os.close(writing)


@task_scenario
async def write_pipe():
    reading, writing = os.pipe()
    await opened(loop().connect_write_pipe(STREAM, os.fdopen(writing, 'wb', 0)))
    os.close(reading)
