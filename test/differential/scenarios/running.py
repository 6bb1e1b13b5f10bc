"""asyncio.run: results, errors, and what becomes of the tasks that are left. See ../running.test.ts."""

import asyncio

from cancelling import new_future, wait
from stage import Boom, attempt, kind, log, on_error, scenario


def run(main):
    """asyncio.run with the stage's exception handler."""

    async def with_handler():
        asyncio.get_running_loop().set_exception_handler(on_error)
        return await main()

    return asyncio.run(with_handler())


@scenario
def result(_loop):
    async def main():
        await asyncio.sleep(0)
        return 'result'

    attempt('run', lambda: run(main))


@scenario
def error(_loop):
    async def main():
        raise Boom('main')

    attempt('run', lambda: run(main))


@scenario
def cancelled(_loop):
    async def main():
        asyncio.current_task().cancel('own')
        await asyncio.sleep(0)

    attempt('run', lambda: run(main))


@scenario
def loop_is_closed(_loop):
    async def main():
        return asyncio.get_running_loop()

    loop = asyncio.run(main())
    log(loop.is_closed(), loop.is_running(), loop is _loop)


@scenario
def inside_a_loop(_loop):
    async def other():
        log('never')

    async def main():
        coroutine = other()
        try:
            asyncio.run(coroutine)
        except RuntimeError as refusal:
            log(kind(refusal))
        coroutine.close()
        log('goes on')

    run(main)


@scenario
def task_is_left(_loop):
    async def main():
        asyncio.create_task(wait(new_future(), 'left'))
        await asyncio.sleep(0)
        log('main ends')
        return 'result'

    attempt('run', lambda: run(main))


@scenario
def task_is_left_by_an_error(_loop):
    async def main():
        asyncio.create_task(wait(new_future(), 'left'))
        await asyncio.sleep(0)
        raise Boom('main')

    attempt('run', lambda: run(main))


@scenario
def task_is_left_unstarted(_loop):
    async def main():
        asyncio.create_task(wait(new_future(), 'left')).add_done_callback(
            lambda task: log('left', task.cancelled())
        )
        return 'result'

    attempt('run', lambda: run(main))


@scenario
def left_task_takes_its_time(_loop):
    async def left():
        try:
            await new_future()
        finally:
            for step in range(3):
                log('cleans', step)
                await asyncio.sleep(0)
            await asyncio.sleep(0.001)
            log('clean')

    async def main():
        asyncio.create_task(left())
        await asyncio.sleep(0)

    attempt('run', lambda: run(main))


@scenario
def left_task_fails(_loop):
    async def left():
        try:
            await new_future()
        except asyncio.CancelledError:
            raise Boom('left') from None

    async def main():
        asyncio.create_task(left())
        await asyncio.sleep(0)
        return 'result'

    attempt('run', lambda: run(main))


@scenario
def left_task_swallows(_loop):
    async def left():
        try:
            await new_future()
        except asyncio.CancelledError:
            log('swallows')
        await asyncio.sleep(0)
        log('ends')

    async def main():
        asyncio.create_task(left())
        await asyncio.sleep(0)

    attempt('run', lambda: run(main))


@scenario
def one_after_another(_loop):
    async def main():
        loops.append(asyncio.get_running_loop())

    loops = []
    run(main)
    run(main)
    log(loops[0] is loops[1])


@scenario
def debug(_loop):
    async def main():
        log(asyncio.get_running_loop().get_debug())

    asyncio.run(main())
    asyncio.run(main(), debug=True)
    asyncio.run(main(), debug=False)


@scenario
def timer_is_left(_loop):
    async def main():
        asyncio.get_running_loop().call_later(1000, log, 'never')
        return 'result'

    attempt('run', lambda: run(main))
