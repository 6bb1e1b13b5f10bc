"""What the pipe scenarios play with: a protocol that logs its calls, and both ends of a pipe.

The counterpart of ../pipe_ends.ts.
"""

import asyncio
import os

from stage import log, scenario


class Recorder(asyncio.Protocol):
    """Logs every call, or adds it to `events` when it has a list of its own."""

    def __init__(self, name, loop, events=None, on_data=None, keep_open=False):
        self.name = name
        self.events = events
        self.on_data = on_data
        self.keep_open = keep_open
        self.received = 0
        self.wanted = None
        self.lost = loop.create_future()
        self.ended = loop.create_future()
        self.loop = loop

    def note(self, *words):
        if self.events is None:
            log(self.name, *words)
        else:
            self.events.append(' '.join(words))

    def connection_made(self, transport):
        self.transport = transport
        self.note('made')

    def data_received(self, data):
        self.note('data', data.decode())
        self.received += len(data)
        if self.on_data:
            self.on_data(self.transport)
        if self.wanted and not self.wanted.done():
            self.wanted.set_result(None)

    def eof_received(self):
        self.note('eof')
        self.ended.set_result(None)
        return self.keep_open

    def pause_writing(self):
        self.note('pause')

    def resume_writing(self):
        self.note('resume')
        if self.wanted and not self.wanted.done():
            self.wanted.set_result(None)

    def connection_lost(self, error):
        self.note('lost', 'EPIPE' if isinstance(error, BrokenPipeError) else str(error).lower())
        self.lost.set_result(None)

    async def next(self):
        """Until data has been received, or writing goes on."""
        self.wanted = self.loop.create_future()
        await self.wanted


class Ends:
    def __init__(self, loop, **options):
        self.loop = loop
        self.reading, self.writing = os.pipe()
        self.options = options

    async def reader(self):
        make = lambda: Recorder('reader', self.loop, **self.options)
        pipe = os.fdopen(self.reading, 'rb', 0)
        return await self.loop.connect_read_pipe(make, pipe)

    async def writer(self):
        make = lambda: Recorder('writer', self.loop, **self.options)
        pipe = os.fdopen(self.writing, 'wb', 0)
        return await self.loop.connect_write_pipe(make, pipe)


def pipe_scenario(**options):
    """A scenario that is the body of a task with a pipe."""

    def decorate(main):
        def play(loop):
            loop.run_until_complete(main(Ends(loop, **options)))

        play.__name__ = main.__name__
        play.__module__ = main.__module__
        return scenario(play)

    return decorate
