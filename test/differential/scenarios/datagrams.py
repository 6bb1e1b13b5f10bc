"""Datagram endpoints: the order of a protocol's calls, and what is refused. See ../datagrams.test.ts."""

import asyncio

from stage import Boom, log, logs, task_scenario

LOOPBACK = ('127.0.0.1', 0)


class Recorder(asyncio.DatagramProtocol):
    def __init__(self, name='protocol'):
        self.name = name
        self.lost = asyncio.get_running_loop().create_future()
        self.heard = asyncio.Event()

    def connection_made(self, transport):
        log(self.name, 'made')
        self.transport = transport

    def datagram_received(self, data, addr):
        log(self.name, 'received', data.decode())
        if data == b'last':
            self.heard.set()

    def error_received(self, exc):
        log(self.name, 'error', exc.errno)
        self.heard.set()

    def connection_lost(self, exc):
        log(self.name, 'lost', exc)
        self.lost.set_result(None)


async def open_endpoint(factory=Recorder, **options):
    loop = asyncio.get_running_loop()
    return await loop.create_datagram_endpoint(factory, **(options or {'local_addr': LOOPBACK}))


@task_scenario
async def to_itself():
    transport, protocol = await open_endpoint()
    address = transport.get_extra_info('sockname')
    for data in (b'first', b'last'):  # Python before 3.13 does not send empty ones
        transport.sendto(data, address)
    log('sent', transport.get_write_buffer_size())
    await protocol.heard.wait()
    asyncio.get_running_loop().call_soon(log, 'scheduled before')
    transport.close()
    log('closing', transport.is_closing())
    asyncio.get_running_loop().call_soon(log, 'scheduled after')
    transport.close()
    await protocol.lost


@task_scenario
async def aborted():
    transport, protocol = await open_endpoint()
    transport.abort()
    transport.abort()
    transport.close()
    log('closing', transport.is_closing())
    await protocol.lost


@task_scenario
async def closed_by_datagram():
    class Once(Recorder):
        def datagram_received(self, data, addr):
            super().datagram_received(data, addr)
            self.transport.close()

    transport, protocol = await open_endpoint(Once)
    address = transport.get_extra_info('sockname')
    transport.sendto(b'one', address)
    transport.sendto(b'two', address)
    await protocol.lost


@task_scenario
async def connected():
    server, heard = await open_endpoint(lambda: Recorder('server'))
    address = server.get_extra_info('sockname')
    client, protocol = await open_endpoint(lambda: Recorder('client'), remote_addr=address)
    client.sendto(b'without')
    client.sendto(b'with', address)
    client.sendto(b'last', None)
    await heard.heard.wait()
    try:
        client.sendto(b'elsewhere', ('127.0.0.1', 9))
    except ValueError as error:
        log(str(error).replace(str(address[1]), 'port'))
    server.close()
    await heard.lost
    client.sendto(b'nobody')
    await protocol.heard.wait()
    log('closing', client.is_closing())
    client.close()
    await protocol.lost


@task_scenario
async def failing_protocol():
    class Failing(Recorder):
        def connection_lost(self, exc):
            super().connection_lost(exc)
            asyncio.get_running_loop().call_soon(logs('after'))

    transport, protocol = await open_endpoint(Failing)
    transport.sendto(b'x' * 70000, transport.get_extra_info('sockname'))
    log('sent', transport.get_write_buffer_size(), transport.is_closing())
    transport.close()
    await protocol.lost
    await asyncio.sleep(0)


@task_scenario
async def refused_options():
    for options in ({}, {'family': 0}):
        try:
            await asyncio.get_running_loop().create_datagram_endpoint(Recorder, **options)
        except ValueError:
            log('refused')

    def factory():
        raise Boom('no protocol')

    try:
        await open_endpoint(factory)
    except Boom as error:
        log(error)
