"""The event loop: running, stopping, closing. See ../loops.test.ts."""

import asyncio

from stage import Boom, attempt, kind, log, scenario, turns


@scenario
def until_complete(loop):
    async def main():
        log('main', loop.is_running())
        await asyncio.sleep(0)
        return 'result'

    log(loop.is_running())
    log(loop.run_until_complete(main()))
    log(loop.is_running(), loop.is_closed())


@scenario
def until_complete_fails(loop):
    async def main():
        raise Boom('main')

    attempt('run', lambda: loop.run_until_complete(main()))
    log(loop.is_running())


@scenario
def until_future(loop):
    future = loop.create_future()
    loop.call_soon(future.set_result, 'result')
    log(loop.run_until_complete(future))
    log(loop.run_until_complete(future))


@scenario
def until_failed_future(loop):
    future = loop.create_future()
    future.set_exception(Boom('future'))
    attempt('run', lambda: loop.run_until_complete(future))


@scenario
def until_cancelled_task(loop):
    async def main():
        await loop.create_future()

    task = loop.create_task(main())
    loop.call_soon(task.cancel, 'why')
    attempt('run', lambda: loop.run_until_complete(task))


@scenario
def stopped_before_complete(loop):
    future = loop.create_future()
    loop.call_soon(loop.stop)
    attempt('run', lambda: loop.run_until_complete(future))
    loop.call_soon(future.set_result, 'later')
    log(loop.run_until_complete(future))


@scenario
def forever(loop):
    def stop():
        log('stops', loop.is_running())
        loop.stop()

    loop.call_soon(log, 'a')
    loop.call_soon(stop)
    loop.call_soon(log, 'rest of the batch')
    attempt('forever', loop.run_forever)
    log(loop.is_running())


@scenario
def forever_stopped_before(loop):
    loop.call_soon(log, 'ready')
    loop.stop()
    loop.run_forever()
    log('returned')


@scenario
def forever_twice(loop):
    for name in 'ab':
        loop.call_soon(log, name)
        loop.call_soon(loop.stop)
        loop.run_forever()
        log('returned')


@scenario
def stopped_twice(loop):
    loop.call_soon(loop.stop)
    loop.call_soon(loop.stop)
    loop.call_soon(log, 'batch')
    loop.run_forever()
    log('returned')


@scenario
def stopped_by_timer(loop):
    loop.call_later(0.001, loop.stop)
    loop.run_forever()
    log('returned', loop.is_running())


@scenario
def running_cannot_close(loop):
    async def main():
        try:
            loop.close()
        except RuntimeError as error:
            log(error)
        log(loop.is_closed())

    loop.run_until_complete(main())


@scenario
def closed(loop):
    loop.close()
    loop.close()
    log(loop.is_closed(), loop.is_running())
    attempt('forever', loop.run_forever)
    future = asyncio.Future(loop=loop)
    attempt('until', lambda: loop.run_until_complete(future))


@scenario
def running_loop(loop):
    attempt('outside', asyncio.get_running_loop)

    def callback():
        log('callback', asyncio.get_running_loop() is loop)

    async def main():
        log('task', asyncio.get_running_loop() is loop)
        await asyncio.sleep(0)
        log('task', asyncio.get_running_loop() is loop)

    loop.call_soon(callback)
    loop.run_until_complete(main())
    attempt('outside', asyncio.get_running_loop)


@scenario
def running_loop_in_callbacks(loop):
    def here(name):
        log(name, asyncio.get_running_loop() is loop, asyncio.get_event_loop() is loop)

    future = loop.create_future()
    future.add_done_callback(lambda _: here('done callback'))
    loop.call_later(-1, lambda: here('timer'))
    loop.call_soon(future.set_result, None)
    turns(loop, 3)


@scenario
def debug(loop):
    log(loop.get_debug())
    loop.set_debug(True)
    log(loop.get_debug())
    loop.set_debug(False)
    log(loop.get_debug())


@scenario
def two_loops(loop):
    other = asyncio.new_event_loop()
    log(other is loop)
    log(kind(other.create_future()))
    loop.call_soon(log, 'loop')
    turns(loop, 1)
    other.call_soon(log, 'other')
    turns(other, 1)
    other.close()
    log(loop.is_closed(), other.is_closed())
