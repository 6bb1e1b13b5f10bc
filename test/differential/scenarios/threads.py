"""Other threads that call into the loop. See ../threads.test.ts.

The loop's thread logs as things happen; what the other thread has seen is logged when it is over.
"""

import asyncio
import threading

from stage import kind, log, scenario


def beside(loop, body):
    """Runs `body(seen)` in another thread while the loop runs; logs what it has seen."""
    seen = []
    over = loop.create_future()

    def run():
        body(seen)
        loop.call_soon_threadsafe(over.set_result, None)

    thread = threading.Thread(target=run)
    thread.start()
    loop.run_until_complete(over)
    thread.join()
    for words in seen:
        log(*words)


def attempt(seen, what, call):
    try:
        seen.append((what, call()))
    except BaseException as error:
        seen.append((what, f'{kind(error)}({error})'))


async def add(one, other):
    log('add', one, other)
    await asyncio.sleep(0)
    return one + other


async def fail(message):
    log('fail', message)
    raise RuntimeError(message)


async def never():
    log('never begins')
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        log('never ends')


async def cancel_itself():
    asyncio.current_task().cancel()
    await asyncio.sleep(0)


@scenario
def results(loop):
    def body(seen):
        def ask(coro):
            return asyncio.run_coroutine_threadsafe(coro, loop).result(5)

        attempt(seen, 'sum', lambda: ask(add(1, 2)))
        attempt(seen, 'error', lambda: ask(fail('why')))
        attempt(seen, 'cancelled', lambda: ask(cancel_itself()))

    beside(loop, body)


@scenario
def exceptions(loop):
    def body(seen):
        future = asyncio.run_coroutine_threadsafe(fail('what'), loop)
        attempt(seen, 'exception', lambda: kind(future.exception(5)))
        attempt(seen, 'result', lambda: future.result(5))
        attempt(seen, 'done', future.done)
        future = asyncio.run_coroutine_threadsafe(add(3, 4), loop)
        attempt(seen, 'exception', lambda: future.exception(5))
        attempt(seen, 'result', lambda: future.result())

    beside(loop, body)


@scenario
def timeouts(loop):
    def body(seen):
        future = asyncio.run_coroutine_threadsafe(never(), loop)
        # So that it has begun.
        asyncio.run_coroutine_threadsafe(add(0, 0), loop).result(5)
        attempt(seen, 'result', lambda: future.result(0.01))
        attempt(seen, 'done', future.done)
        attempt(seen, 'cancel', future.cancel)
        attempt(seen, 'cancelled', future.cancelled)
        attempt(seen, 'result', lambda: future.result(1))
        # And that it has ended.
        asyncio.run_coroutine_threadsafe(add(0, 1), loop).result(5)

    beside(loop, body)


@scenario
def cancel_done(loop):
    def body(seen):
        future = asyncio.run_coroutine_threadsafe(add(1, 1), loop)
        attempt(seen, 'result', lambda: future.result(5))
        attempt(seen, 'cancel', future.cancel)
        attempt(seen, 'cancelled', future.cancelled)

    beside(loop, body)


@scenario
def order(loop):
    def body(seen):
        for number in range(5):
            loop.call_soon_threadsafe(log, 'call', number)
        asyncio.run_coroutine_threadsafe(add(5, 0), loop).result(5)
        loop.call_soon_threadsafe(log, 'call', 6)
        asyncio.run_coroutine_threadsafe(add(7, 0), loop).result(5)

    beside(loop, body)


@scenario
def failing_call(loop):
    def fails():
        raise RuntimeError('in a callback')

    def body(seen):
        loop.call_soon_threadsafe(fails)
        asyncio.run_coroutine_threadsafe(add(1, 1), loop).result(5)

    beside(loop, body)


@scenario
def closed(loop):
    loop.close()
    seen = []

    def body():
        attempt(seen, 'call', lambda: loop.call_soon_threadsafe(log))
        coro = add(1, 2)
        attempt(seen, 'task', lambda: asyncio.run_coroutine_threadsafe(coro, loop))
        coro.close()

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    for words in seen:
        log(*words)


@scenario
def own_thread(loop):
    loop.call_soon(log, 'soon')
    loop.call_soon_threadsafe(log, 'threadsafe')
    loop.call_soon(log, 'soon again')
    handle = loop.call_soon_threadsafe(log, 'cancelled')
    handle.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    try:
        loop.call_soon_threadsafe(log)
    except RuntimeError as error:
        log(error)
