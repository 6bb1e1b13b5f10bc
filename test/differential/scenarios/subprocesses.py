"""Subprocesses: the order of a protocol's callbacks. See ../subprocesses.test.ts."""

import asyncio
import os
import signal
from subprocess import DEVNULL, PIPE, STDOUT

from stage import kind, log, scenario


class Recorder(asyncio.SubprocessProtocol):
    def __init__(self, loop, events=None):
        self.events = events
        self.loop = loop
        self.output = b''
        self.exited = loop.create_future()
        self.lost = loop.create_future()
        self.closed = {fd: loop.create_future() for fd in range(3)}
        self.wanted = None

    def note(self, *words):
        if self.events is None:
            log(*words)
        else:
            self.events.append(' '.join(map(str, words)))

    def connection_made(self, transport):
        self.transport = transport
        self.note('made')

    def pipe_data_received(self, fd, data):
        self.note('data', fd, data.decode().strip())
        self.output += data
        if self.wanted is not None and not self.wanted.done():
            self.wanted.set_result(None)

    def pipe_connection_lost(self, fd, error):
        self.note('pipe lost', fd, 'none' if error is None else kind(error))
        self.closed[fd].set_result(None)

    def process_exited(self):
        self.note('exited', self.transport.get_returncode())
        self.exited.set_result(None)

    def connection_lost(self, error):
        self.note('lost', error)
        self.lost.set_result(None)

    async def data(self):
        self.wanted = self.loop.create_future()
        await self.wanted


def subprocess_scenario(main):
    """A scenario that is the body of a task of the loop."""

    def play(loop):
        loop.run_until_complete(main(loop))

    play.__name__ = main.__name__
    play.__module__ = main.__module__
    return scenario(play)


def shell(loop, script, events=None, **options):
    return loop.subprocess_shell(lambda: Recorder(loop, events), script, **options)


@subprocess_scenario
async def conversation(loop):
    transport, protocol = await loop.subprocess_exec(
        lambda: Recorder(loop), 'cat', stderr=DEVNULL)
    log('started', transport.get_returncode(), transport.is_closing())
    log(protocol.transport is transport, transport.get_protocol() is protocol)
    log(transport.get_extra_info('subprocess').pid == transport.get_pid())
    log(transport.get_pipe_transport(2), transport.get_pipe_transport(7))
    stdin = transport.get_pipe_transport(0)
    for word in (b'one', b'two'):
        stdin.write(word)
        await protocol.data()
    protocol.events = []
    stdin.close()
    await protocol.lost
    log(sorted(protocol.events[:-1]), protocol.events[-1])
    log(transport.get_returncode(), transport.is_closing())


@subprocess_scenario
async def no_pipes(loop):
    _, protocol = await shell(loop, 'exit 3', stdin=None, stdout=DEVNULL, stderr=DEVNULL)
    log('started')
    await protocol.lost


@subprocess_scenario
async def pipes_end_before_the_exit(loop):
    transport, protocol = await shell(loop, 'exec >&-; read a; exec 2>&-; read a; exit 5')
    await protocol.closed[1]
    log(transport.get_returncode())
    transport.get_pipe_transport(0).write(b'\n')
    await protocol.closed[2]
    protocol.events = []
    transport.get_pipe_transport(0).write(b'\n')
    await protocol.lost
    log(sorted(protocol.events[:-1]), protocol.events[-1])


@subprocess_scenario
async def exit_before_the_pipes_end(loop):
    transport, protocol = await shell(
        loop, 'sleep 1000 & echo $!; exit 4', stdin=DEVNULL, stderr=DEVNULL, events=[])
    await protocol.exited
    while not protocol.output:
        await protocol.data()
    log(transport.get_returncode(), protocol.lost.done())
    os.kill(int(protocol.output), signal.SIGKILL)
    await protocol.lost
    log(protocol.events[-2:])


@subprocess_scenario
async def signals(loop):
    for method in ('terminate', 'kill'):
        transport, protocol = await loop.subprocess_exec(
            lambda: Recorder(loop), 'sleep', '1000', stdin=None, stdout=DEVNULL, stderr=DEVNULL)
        getattr(transport, method)()
        await protocol.lost
        log(method, transport.get_returncode())
        for call in (transport.kill, transport.terminate, lambda: transport.send_signal(2)):
            try:
                call()
                log('sent')
            except ProcessLookupError:
                log('gone')


@subprocess_scenario
async def closing(loop):
    transport, protocol = await loop.subprocess_exec(lambda: Recorder(loop), 'sleep', '1000')
    loop.call_soon(log, 'before')
    transport.close()
    transport.close()
    loop.call_soon(log, 'after')
    log('called', transport.is_closing(), transport.get_returncode())
    await protocol.lost
    log(transport.get_returncode(), transport.is_closing())


@subprocess_scenario
async def closing_after_the_exit(loop):
    transport, protocol = await loop.subprocess_exec(
        lambda: Recorder(loop), 'true', stdin=None, stdout=DEVNULL, stderr=DEVNULL)
    await protocol.exited
    transport.close()
    await protocol.lost
    transport.close()
    log(transport.get_returncode(), transport.is_closing())


@subprocess_scenario
async def broken_pipe(loop):
    transport, protocol = await shell(
        loop, 'read a; exec <&-; echo closed; exec sleep 1000', stderr=DEVNULL, events=[])
    transport.get_pipe_transport(0).write(b'\n' * 1_000_000)
    await protocol.closed[0]
    while not protocol.output:
        await protocol.data()
    log([event for event in protocol.events if 'pipe lost' in event])
    transport.kill()
    await protocol.lost
    log(protocol.events[-1])


@subprocess_scenario
async def stderr_with_stdout(loop):
    transport, protocol = await shell(
        loop, 'echo one; echo two >&2', stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, events=[])
    log(transport.get_pipe_transport(2))
    await protocol.lost
    log(protocol.output.decode().split('\n'))


def children():
    found = []
    for task in os.listdir('/proc/self/task'):
        with open(f'/proc/self/task/{task}/children') as file:
            found += file.read().split()
    return found


@subprocess_scenario
async def cancelled_start(loop):
    # With pipes, some of CPython's versions wait for what never comes.
    task = loop.create_task(shell(
        loop, 'exec sleep 1000', events=[], stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        log('cancelled', len(children()))


@subprocess_scenario
async def failing(loop):
    made = []

    def make():
        made.append(Recorder(loop))
        return made[-1]

    for program in ('/no/such/program', '/tmp', '/etc/passwd/x'):
        try:
            await loop.subprocess_exec(make, program)
        except OSError as error:
            log(program, error.errno)
    try:
        await loop.subprocess_exec(make, 'true', cwd='/no/such/folder')
    except OSError as error:
        log(error.errno, error.filename)
    log(len(made))


@subprocess_scenario
async def throwing(loop):
    class Throwing(Recorder):
        def pipe_data_received(self, fd, data):
            raise ValueError('in data')

        def process_exited(self):
            raise ValueError('in exited')

    events = []
    transport, protocol = await loop.subprocess_exec(
        lambda: Throwing(loop, events), 'echo', 'x', stdin=None, stderr=DEVNULL)
    loop.set_exception_handler(lambda _, context: events.append(' '.join(sorted(context))))
    await protocol.lost
    log(sorted(events[:-1]), events[-1], transport.get_returncode())


@subprocess_scenario
async def another_protocol(loop):
    first = Recorder(loop)
    second = Recorder(loop)
    transport, _ = await loop.subprocess_exec(lambda: first, 'cat', stderr=DEVNULL)
    second.transport = transport
    transport.set_protocol(second)
    second.events = []
    transport.get_pipe_transport(0).write(b'x')
    await second.data()
    transport.get_pipe_transport(0).close()
    await second.lost
    log(sorted(second.events[:-1]), second.events[-1])
