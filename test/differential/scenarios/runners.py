"""asyncio.Runner: several runs on one loop, and the order at the end. See ../runners.test.ts."""

import asyncio
import contextvars

from cancelling import new_future, wait
from stage import Boom, attempt, kind, log, on_error, scenario

word = contextvars.ContextVar('word', default='none')


def new_runner():
    """A Runner with the stage's exception handler."""
    runner = asyncio.Runner()
    runner.get_loop().set_exception_handler(on_error)
    return runner


async def exchange(new):
    """Sets the context's word; returns the old one."""
    old = word.get()
    word.set(new)
    return old


async def look():
    return word.get()


@scenario
def several_runs(_loop):
    async def main(value):
        loops.append(asyncio.get_running_loop())
        await asyncio.sleep(0)
        return value

    loops = []
    with new_runner() as runner:
        log(runner.run(main(1)), runner.run(main(2)))
        log(loops[0] is loops[1], loops[0] is runner.get_loop(), loops[0].is_running())
    log(loops[0].is_closed())


@scenario
def run_fails_and_the_next_works(_loop):
    async def fails():
        raise Boom('main')

    async def works():
        return 'works'

    with new_runner() as runner:
        attempt('first', lambda: runner.run(fails()))
        attempt('second', lambda: runner.run(works()))


@scenario
def main_cancels_itself(_loop):
    async def main():
        asyncio.current_task().cancel('own')
        await asyncio.sleep(0)

    with new_runner() as runner:
        attempt('first', lambda: runner.run(main()))
        attempt('second', lambda: runner.run(look()))


@scenario
def context_is_kept(_loop):
    word.set('outside')
    with new_runner() as runner:
        log(runner.run(exchange('first')))
        log(runner.run(exchange('second')))
        log(runner.run(look()))
    log(word.get())
    word.set('none')


@scenario
def context_of_the_first_use(_loop):
    word.set('early')
    with asyncio.Runner() as runner:
        runner.get_loop()
        word.set('late')
        log(runner.run(look()))
    word.set('none')


@scenario
def context_given(_loop):
    context = contextvars.copy_context()
    context.run(word.set, 'given')
    with new_runner() as runner:
        log(runner.run(look()))
        log(runner.run(exchange('set by main'), context=context))
        log(runner.run(look()))


@scenario
def task_outlives_a_run(_loop):
    future = None
    tasks = []

    async def first():
        nonlocal future
        future = new_future()
        tasks.append(asyncio.create_task(wait(future)))
        await asyncio.sleep(0)
        log('first ends')

    async def second():
        future.set_result('result')
        await tasks[0]
        log('second ends')

    with new_runner() as runner:
        runner.run(first())
        runner.run(second())


@scenario
def closed(_loop):
    runner = new_runner()
    loop = runner.get_loop()
    runner.close()
    runner.close()
    log(loop.is_closed())
    attempt('getLoop', runner.get_loop)
    coroutine = look()
    attempt('run', lambda: runner.run(coroutine))
    coroutine.close()


@scenario
def closed_before_use(_loop):
    runner = asyncio.Runner()
    runner.close()
    attempt('run', lambda: runner.run(look()))
    runner.close()
    attempt('getLoop', runner.get_loop)


@scenario
def inside_a_running_loop(_loop):
    async def main():
        coroutine = look()
        try:
            runner.run(coroutine)
        except RuntimeError as refusal:
            log(refusal)
        coroutine.close()
        return 'goes on'

    with new_runner() as runner:
        attempt('run', lambda: runner.run(main()))


@scenario
def block_fails(_loop):
    loop = None
    try:
        with new_runner() as runner:
            loop = runner.get_loop()
            raise Boom('block')
    except Boom as error:
        log(error)
    log(loop.is_closed())


@scenario
def loop_factory(_loop):
    made = []

    def factory():
        made.append(asyncio.new_event_loop())
        return made[-1]

    async def main():
        return asyncio.get_running_loop() is made[0]

    with asyncio.Runner(loop_factory=factory) as runner:
        log(runner.run(main()), runner.run(main()), len(made))
    log(made[0].is_closed())


@scenario
def debug(_loop):
    for wanted in (True, False):
        with asyncio.Runner(debug=wanted) as runner:
            log(runner.get_loop().get_debug())


@scenario
def order_at_the_end(_loop):
    async def ticks():
        try:
            yield 1
        finally:
            log('generator begins to close')
            await asyncio.sleep(0)
            log('generator is closed')
            raise Boom('generator')

    async def left():
        try:
            await new_future()
        except asyncio.CancelledError:
            log('task is cancelled')
            await asyncio.sleep(0)
            raise Boom('task') from None

    async def main():
        tasks.append(asyncio.create_task(left()))
        generators.append(ticks())
        log(await generators[0].__anext__())
        asyncio.get_running_loop().call_later(1000, log, 'never')
        return 'result'

    tasks = []
    generators = []
    with new_runner() as runner:
        loop = runner.get_loop()
        log(runner.run(main()))
        tasks[0].add_done_callback(lambda _: log('task is done'))
    log(loop.is_closed(), kind(tasks[0].exception()))


@scenario
def left_task_stops_the_loop(_loop):
    async def left():
        try:
            await new_future()
        finally:
            asyncio.get_running_loop().stop()
            log('stops')
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    async def main():
        tasks.append(asyncio.create_task(left()))
        await asyncio.sleep(0)

    tasks = []
    runner = new_runner()
    loop = runner.get_loop()
    runner.run(main())
    attempt('close', runner.close)
    log(loop.is_closed())
    attempt('close', runner.close)
