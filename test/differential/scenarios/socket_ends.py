"""Sockets, and transports over them, for the themes sockets and files."""

import asyncio
import socket

from stage import kind, log


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


async def transports():
    near, far = await pair()
    _, client = await loop().create_connection(lambda: Recorder('client'), sock=near)
    _, server = await loop().connect_accepted_socket(lambda: Recorder('server'), far)
    return client, server


async def end(client, server):
    client.transport.close()
    await client.lost
    await server.lost
