"""add_reader, add_writer and signal handlers: order, removal, replacement. See ../descriptors.test.ts."""

import os
import signal
import tempfile

from stage import Boom, attempt, kind, log, logs, scenario


def with_pipe(play):
    """A scenario that gets a descriptor which is readable when written to, and always writable."""

    def play_with_pipe(loop):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'fifo')
            os.mkfifo(path)
            pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
            try:
                play(loop, pipe)
            finally:
                loop.remove_reader(pipe)
                loop.remove_writer(pipe)
                os.close(pipe)

    play_with_pipe.__name__ = play.__name__
    play_with_pipe.__module__ = play.__module__
    return scenario(play_with_pipe)


@with_pipe
def reader_before_writer(loop, pipe):
    end = loop.create_future()
    loop.add_writer(pipe, logs('writer'))
    loop.add_reader(pipe, logs('reader'))
    os.write(pipe, b'x')
    loop.call_soon(log, 'ready before')

    def finish():
        loop.remove_reader(pipe)
        log('last')
        loop.remove_writer(pipe)
        end.set_result(None)

    loop.call_soon(lambda: loop.add_writer(pipe, finish))
    loop.run_until_complete(end)


@with_pipe
def what_removing_returns(loop, pipe):
    log(loop.remove_reader(pipe), loop.remove_writer(pipe))
    log(loop.add_reader(pipe, log), loop.add_writer(pipe, log))
    log(loop.remove_reader(pipe), loop.remove_reader(pipe))
    log(loop.remove_writer(pipe), loop.remove_writer(pipe))


@with_pipe
def reader_removes_writer(loop, pipe):
    end = loop.create_future()
    os.write(pipe, b'x')

    def read():
        log('reader', loop.remove_writer(pipe), loop.remove_reader(pipe))
        loop.call_soon(end.set_result, None)

    loop.add_writer(pipe, logs('writer'))
    loop.add_reader(pipe, read)
    loop.run_until_complete(end)


@with_pipe
def reader_replaces_writer(loop, pipe):
    end = loop.create_future()
    os.write(pipe, b'x')

    def new_writer():
        log('new writer')
        loop.remove_writer(pipe)
        end.set_result(None)

    def read():
        log('reader')
        loop.remove_reader(pipe)
        loop.add_writer(pipe, new_writer)

    loop.add_writer(pipe, logs('writer'))
    loop.add_reader(pipe, read)
    loop.run_until_complete(end)


@with_pipe
def reads_byte_by_byte(loop, pipe):
    end = loop.create_future()
    os.write(pipe, b'abc')

    def read(word):
        byte = os.read(pipe, 1).decode()
        log(word, byte)
        if byte == 'c':
            loop.remove_reader(pipe)
            end.set_result(None)

    loop.add_reader(pipe, read, 'read')
    loop.run_until_complete(end)


@with_pipe
def failing_reader(loop, pipe):
    end = loop.create_future()
    os.write(pipe, b'ab')

    def read():
        byte = os.read(pipe, 1).decode()
        if byte == 'b':
            loop.remove_reader(pipe)
            end.set_result(None)
        raise Boom(byte)

    loop.add_reader(pipe, read)
    loop.run_until_complete(end)


@scenario
def misused_descriptors(loop):
    attempt('remove', lambda: loop.remove_reader(1000000))
    for value in (-1, None, 'x'):
        try:
            loop.add_reader(value, log)
        except (ValueError, TypeError):
            log('refused')
    try:
        loop.add_reader(1000000, log)
    except OSError as error:
        log('OSError', error.errno)
    with open(__file__) as file:
        try:
            loop.add_reader(file, log)
        except OSError as error:
            log('OSError', error.errno)
    loop.close()
    attempt('add', lambda: loop.add_reader(0, log))
    attempt('remove', lambda: loop.remove_reader(0))


def kill(name):
    os.kill(os.getpid(), getattr(signal, name))


@scenario
def signals_in_order(loop):
    end = loop.create_future()

    def handler(*words):
        log('handler', *words)

    def last():
        log('last')
        end.set_result(None)

    loop.add_signal_handler(signal.SIGWINCH, handler, 'winch', 1)
    loop.add_signal_handler(signal.SIGUSR2, handler, 'usr2')
    loop.add_signal_handler(signal.SIGURG, last)
    kill('SIGWINCH')
    kill('SIGUSR2')
    kill('SIGURG')
    loop.call_soon(log, 'ready before')
    loop.run_until_complete(end)


@scenario
def replaced_signal_handler(loop):
    end = loop.create_future()
    loop.add_signal_handler(signal.SIGUSR2, logs('first'))
    loop.add_signal_handler(signal.SIGUSR2, logs('second'))
    loop.add_signal_handler(signal.SIGURG, end.set_result, None)
    kill('SIGUSR2')
    kill('SIGURG')
    loop.run_until_complete(end)


@scenario
def what_removing_signal_handlers_returns(loop):
    log(loop.remove_signal_handler(signal.SIGUSR2))
    log(loop.add_signal_handler(signal.SIGUSR2, log))
    log(loop.remove_signal_handler(signal.SIGUSR2), loop.remove_signal_handler(signal.SIGUSR2))


@scenario
def handler_removes_itself(loop):
    end = loop.create_future()
    loop.add_signal_handler(signal.SIGURG, logs('urg'))

    def once():
        log('once', loop.remove_signal_handler(signal.SIGUSR2))
        loop.call_soon(end.set_result, None)

    loop.add_signal_handler(signal.SIGUSR2, once)
    kill('SIGURG')
    kill('SIGUSR2')
    loop.run_until_complete(end)


@scenario
def failing_signal_handler(loop):
    end = loop.create_future()

    def fail():
        raise Boom('in handler')

    loop.add_signal_handler(signal.SIGUSR2, fail)
    loop.add_signal_handler(signal.SIGURG, end.set_result, None)
    kill('SIGUSR2')
    kill('SIGURG')
    loop.run_until_complete(end)


@scenario
def misused_signals(loop):
    attempt('kill', lambda: loop.add_signal_handler(signal.SIGKILL, log))
    attempt('stop', lambda: loop.add_signal_handler(signal.SIGSTOP, log))
    for value in (0, 1000, -1, 'SIGNONE', None):
        try:
            loop.add_signal_handler(value, log)
        except (ValueError, TypeError):
            log('refused')

    async def coroutine():
        pass

    try:
        loop.add_signal_handler(signal.SIGUSR2, coroutine)
    except Exception as error:
        log(kind(error))
    loop.close()
    attempt('add', lambda: loop.add_signal_handler(signal.SIGUSR2, log))
