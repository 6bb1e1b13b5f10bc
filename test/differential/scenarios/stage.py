"""What every scenario plays on: a fresh loop, one event per line, one format for values.

The counterpart of ../stage.ts, function by function. A scenario is a function of the loop; its name is
its header in the output. What the loop reports to its exception handler is part of the trace, except
for what depends on when the collector runs.
"""

import asyncio
import sys

scenarios = []


class Boom(Exception):
    """An error that no library throws."""


def scenario(play):
    scenarios.append(play)
    return play


def task_scenario(main):
    """A scenario that is the body of a task."""

    def play(loop):
        loop.run_until_complete(main())

    play.__name__ = main.__name__
    play.__module__ = main.__module__
    return scenario(play)


def since(*version):
    """A task scenario of a newer Python. The test has its trace in writing, for when python3 is older."""
    return task_scenario if sys.version_info >= version else lambda main: main


def show(value):
    if value is None:
        return 'none'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return '[' + ', '.join(map(show, value)) + ']'
    if isinstance(value, asyncio.InvalidStateError):
        return kind(value)  # CPython's own two versions differ in the words
    if isinstance(value, BaseExceptionGroup):
        return f'{type(value).__name__}({value}) {show(value.exceptions)}'
    if isinstance(value, BaseException):
        return f'{type(value).__name__}({value})'
    return str(value)


def log(*words):
    print(*map(show, words))


def kind(error):
    """The class alone, where the message shows an object."""
    return type(error).__name__


def attempt(what, call):
    """Logs what `call` returns or raises."""
    try:
        log(what, call())
    except BaseException as error:
        log(what, error)


async def outcome(what, awaitable):
    """Logs what awaiting gives or raises."""
    try:
        log(what, await awaitable)
    except BaseException as error:
        log(what, error)


def logs(*words):
    """A callback that logs `words`, whatever it is called with."""
    return lambda *_: log(*words)


def turns(loop, count):
    """Runs the loop for `count` batches."""
    end = loop.create_future()

    def step(left):
        if left == 0:
            end.set_result(None)
        else:
            loop.call_soon(step, left - 1)

    loop.call_soon(step, count)
    loop.run_until_complete(end)


def camel(name):
    head, *rest = name.split('_')
    return head + ''.join(word.capitalize() for word in rest)


def on_error(_loop, context):
    if 'never retrieved' in context['message'] or 'destroyed' in context['message']:
        return
    log('reported', ' '.join(sorted(map(camel, context))), context.get('exception'))


def play_all():
    for play in scenarios:
        print('==', f'{play.__module__}.{play.__name__}')
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(on_error)
        try:
            play(loop)
        finally:
            loop.close()
