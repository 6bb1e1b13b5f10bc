"""The echo peers in Python: asyncio's API on uvloop, or with --loop asyncio on asyncio's own loop.

One program for Protocol (the default), --buffered (BufferedProtocol), --streams and --datagrams; --tls puts TLS
under any but the last. Invariant: the
write queue stays bounded, because a transport that asks for a pause is not read from.
"""

import argparse
import asyncio
import pathlib
import socket
import ssl


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        set_no_delay(transport)
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


class BufferedEcho(asyncio.BufferedProtocol):
    buffer = memoryview(bytearray(256 * 1024))  # shared: what was read is copied before the next read

    def connection_made(self, transport):
        set_no_delay(transport)
        self.transport = transport

    def get_buffer(self, size_hint):
        return self.buffer

    def buffer_updated(self, count):
        # uvloop writes at the end of the loop's turn and keeps a reference until then.
        self.transport.write(bytes(self.buffer[:count]))

    pause_writing = Echo.pause_writing
    resume_writing = Echo.resume_writing


async def echo_stream(reader, writer):
    set_no_delay(writer)
    try:
        while data := await reader.read(256 * 1024):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


def set_no_delay(transport):
    transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class DatagramEcho(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data, addr)


async def serve_datagrams(arguments):
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        DatagramEcho, local_addr=("127.0.0.1", arguments.port)
    )
    print("listening", transport.get_extra_info("sockname")[1], flush=True)
    await loop.create_future()


def server_context():
    folder = pathlib.Path(__file__).parents[2] / "test" / "certificates"
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context


async def serve(arguments):
    context = server_context() if arguments.tls else None
    if arguments.streams:
        server = await asyncio.start_server(
            echo_stream, "127.0.0.1", arguments.port, backlog=1024, ssl=context
        )
    else:
        protocol = BufferedEcho if arguments.buffered else Echo
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            protocol, "127.0.0.1", arguments.port, backlog=1024, ssl=context
        )
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    parser.add_argument("--tls", action="store_true")
    style = parser.add_mutually_exclusive_group()
    style.add_argument("--buffered", action="store_true")
    style.add_argument("--streams", action="store_true")
    style.add_argument("--datagrams", action="store_true")
    arguments = parser.parse_args()
    if arguments.loop == "uvloop":
        import uvloop

        uvloop.install()
    asyncio.run(serve_datagrams(arguments) if arguments.datagrams else serve(arguments))


main()
