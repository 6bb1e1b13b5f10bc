"""TLS: the calls of both protocols of a connection, in their order. See ../tls.test.ts."""

import asyncio
import pathlib
import ssl

from pipe_ends import Recorder
from stage import camel, log, scenario

FOLDER = pathlib.Path(__file__).parents[2] / 'certificates'


def server_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FOLDER / 'server.pem', FOLDER / 'server.key')
    return context


def client_context():
    return ssl.create_default_context(cafile=FOLDER / 'authority.pem')


class Pair:
    """A server with one connection, each side with its own list of events."""

    def __init__(self, loop):
        self.loop = loop
        self.server = Recorder('server', loop, [])
        self.client = Recorder('client', loop, [])

    async def listen(self, **options):
        self.listener = await self.loop.create_server(lambda: self.server, '127.0.0.1', 0, **options)
        self.port = self.listener.sockets[0].getsockname()[1]

    async def connect(self, **options):
        transport, _ = await self.loop.create_connection(
            lambda: self.client, '127.0.0.1', self.port, **options)
        return transport

    async def server_made(self):
        while not self.server.events:
            await asyncio.sleep(0)

    async def server_data(self):
        await self.server.next()

    async def end(self):
        self.listener.close()
        await self.server.lost
        await self.client.lost
        self.show()

    def show(self):
        log('server', self.server.events)
        log('client', self.client.events)


def tls_scenario(main):
    def play(loop):
        loop.run_until_complete(main(Pair(loop)))

    play.__name__ = main.__name__
    play.__module__ = main.__module__
    return scenario(play)


SECURE = {'ssl': client_context(), 'server_hostname': 'localhost'}


@tls_scenario
async def client_closes(pair):
    await pair.listen(ssl=server_context())
    transport = await pair.connect(**SECURE)
    log(transport.can_write_eof(), transport.is_closing(), transport.is_reading())
    transport.write(b'hello')
    await pair.server_data()
    transport.close()
    log(transport.is_closing())
    await pair.end()


@tls_scenario
async def server_closes(pair):
    await pair.listen(ssl=server_context())
    await pair.connect(**SECURE)
    await pair.server_made()
    pair.server.transport.write(b'bye')
    pair.server.transport.close()
    await pair.end()


@tls_scenario
async def client_aborts(pair):
    await pair.listen(ssl=server_context())
    transport = await pair.connect(**SECURE)
    await pair.server_made()
    transport.abort()
    log(transport.is_closing())
    pair.listener.close()
    await pair.client.lost
    log(pair.client.events)
    await pair.server.lost


@tls_scenario
async def wrong_name(pair):
    await pair.listen(ssl=server_context())
    try:
        await pair.connect(ssl=client_context(), server_hostname='other.example')
    except ssl.CertificateError:
        log('refused')
    pair.listener.close()
    pair.show()


@tls_scenario
async def nobody_answers(pair):
    pair.server.data_received = lambda data: None
    await pair.listen()
    try:
        await pair.connect(**SECURE, ssl_handshake_timeout=0.02)
    except ConnectionAbortedError as error:
        log(str(error))
    pair.listener.close()
    await pair.server.lost
    log(pair.client.events)


@tls_scenario
async def server_hangs_up(pair):
    pair.server.data_received = lambda data: pair.server.transport.close()
    await pair.listen()
    try:
        await pair.connect(**SECURE)
    except ConnectionResetError:
        log('reset')
    pair.listener.close()
    log(pair.client.events)


@tls_scenario
async def upgraded(pair):
    await pair.listen()
    raw = await pair.connect()
    raw.write(b'STARTTLS')
    await pair.server_data()
    log(pair.server.events)
    one = pair.loop.start_tls(pair.server.transport, pair.server, server_context(), server_side=True)
    two = pair.loop.start_tls(raw, pair.client, client_context(), server_hostname='localhost')
    server, client = await asyncio.gather(one, two)
    log(client is raw, client.get_protocol() is pair.client, raw.is_closing())
    client.write(b'secret')
    await pair.server_data()
    server.close()
    await pair.end()


@tls_scenario
async def options_without_ssl(pair):
    for options in ({'server_hostname': 'x'}, {'ssl_handshake_timeout': 1}, {'ssl_shutdown_timeout': 1}):
        try:
            await pair.loop.create_connection(asyncio.Protocol, '127.0.0.1', 1, **options)
        except ValueError as error:
            name, words = str(error).split(' ', 1)
            log(camel(name), words)
