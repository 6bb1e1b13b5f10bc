"""The proxy peer in Python, on uvloop, or with --loop asyncio on asyncio's own loop.

The same program as examples/proxy.ts. Invariants: a side that takes no more stops the reading of the other; each
way ends by itself; a side that is lost takes the other with it.
"""

import argparse
import asyncio
import socket


class Side(asyncio.Protocol):
    def __init__(self, other=None):
        self.other = other
        self.ended = False

    def connection_made(self, transport):
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.transport = transport

    def data_received(self, data):
        self.other.transport.write(data)

    def pause_writing(self):
        self.other.transport.pause_reading()

    def resume_writing(self):
        self.other.transport.resume_reading()

    def eof_received(self):
        self.ended = True
        if self.other is None:
            return True
        self.other.transport.write_eof()
        if not self.other.ended:
            return True
        self.other.transport.close()

    def connection_lost(self, error):
        if self.other is None:
            return
        if error is None or self.ended:
            self.other.transport.close()
        else:
            self.other.transport.abort()


class Client(Side):
    def __init__(self, target):
        super().__init__()
        self.target = target
        self.early = []  # uvloop may read before pause_reading() has its effect

    def connection_made(self, transport):
        super().connection_made(transport)
        transport.pause_reading()
        asyncio.ensure_future(self.connect())

    def data_received(self, data):
        if self.other is None:
            self.early.append(data)
        else:
            self.other.transport.write(data)

    async def connect(self):
        loop = asyncio.get_running_loop()
        try:
            _, self.other = await loop.create_connection(
                lambda: Side(self), "127.0.0.1", self.target
            )
        except OSError:
            self.transport.abort()
        else:
            self.other.transport.writelines(self.early)
            self.transport.resume_reading()


async def serve(arguments):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Client(arguments.to), "127.0.0.1", arguments.listen, backlog=1024
    )
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", type=int, required=True)
    parser.add_argument("--to", type=int, required=True)
    parser.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    arguments = parser.parse_args()
    if arguments.loop == "uvloop":
        import uvloop

        uvloop.install()
    asyncio.run(serve(arguments))


main()
