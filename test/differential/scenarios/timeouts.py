"""timeout(): deadlines that pass, and that do not. See ../timeouts.test.ts."""

import asyncio

from stage import Boom, log, since, task_scenario

LONG = 10
SHORT = 0.001


def cancelling():
    return asyncio.current_task().cancelling()


# Debian 12 has 3.11.2, where this differs.
@since(3, 11, 7)
async def timeout_basic():
    try:
        async with asyncio.timeout(SHORT) as scope:
            await asyncio.sleep(LONG)
    except TimeoutError as error:
        log(error, error.__cause__)
    log(scope.expired(), scope, cancelling())


@task_scenario
async def timeout_at_basic():
    deadline = asyncio.get_running_loop().time() + SHORT
    try:
        async with asyncio.timeout_at(deadline) as scope:
            log(scope.when() == deadline)
            await asyncio.sleep(LONG)
    except TimeoutError as error:
        log(error)
    log(scope.expired(), scope.when() == deadline)


async def expires_at_once(make):
    loop = asyncio.get_running_loop()
    loop.call_soon(log, 'before')
    try:
        async with make() as scope:
            loop.call_soon(log, 'after')
            log('body', scope.expired())
            await asyncio.sleep(0)
            log('not here')
    except TimeoutError as error:
        log(error, scope.expired())


@task_scenario
async def timeout_zero_sleep_zero():
    await expires_at_once(lambda: asyncio.timeout(0))


@task_scenario
async def timeout_in_the_past_sleep_zero():
    await expires_at_once(lambda: asyncio.timeout(-11))


@task_scenario
async def timeout_at_in_the_past():
    loop = asyncio.get_running_loop()
    await expires_at_once(lambda: asyncio.timeout_at(loop.time() - 1))


@task_scenario
async def timeout_zero_without_a_wait():
    async with asyncio.timeout(0) as scope:
        log('body')
    log(scope.expired(), scope, cancelling())
    await asyncio.sleep(0)
    log('not cancelled')


@task_scenario
async def timeout_disabled():
    async with asyncio.timeout(None) as scope:
        log(scope.when())
        await asyncio.sleep(SHORT)
    log(scope, scope.expired())


@task_scenario
async def timeout_not_called():
    async with asyncio.timeout(LONG) as scope:
        await asyncio.sleep(SHORT)
    log(scope.expired(), scope, scope.when() > asyncio.get_running_loop().time())


@task_scenario
async def waiter_cancelled():
    try:
        async with asyncio.timeout(SHORT):
            try:
                await asyncio.sleep(LONG)
            except asyncio.CancelledError as error:
                log('inside', error, cancelling())
                raise
    except TimeoutError as error:
        log(error, cancelling())


@task_scenario
async def timeout_swallowed():
    async with asyncio.timeout(SHORT) as scope:
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            log('swallows', scope, cancelling())
    log(scope, cancelling())
    await asyncio.sleep(0)
    log('goes on')


@task_scenario
async def timeout_cancels_what_is_awaited():
    future = asyncio.get_running_loop().create_future()

    async def work():
        try:
            await future
        finally:
            log('work ends', cancelling())

    task = asyncio.create_task(work())
    try:
        async with asyncio.timeout(SHORT):
            await task
    except TimeoutError as error:
        log(error, task.cancelled(), future.cancelled())


@task_scenario
async def timeout_and_result_in_the_same_batch():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    when = loop.time() + SHORT
    loop.call_at(when, future.set_result, 'result')
    try:
        async with asyncio.timeout_at(when) as scope:
            log(await future)
    except TimeoutError as error:
        log(error, future.result())
    log(scope, cancelling())


@task_scenario
async def foreign_exception_passed():
    try:
        async with asyncio.timeout(LONG) as scope:
            raise Boom('body')
    except Boom as error:
        log(error)
    log(scope.expired(), scope)


@task_scenario
async def foreign_exception_on_timeout():
    try:
        async with asyncio.timeout(SHORT) as scope:
            try:
                await asyncio.sleep(LONG)
            finally:
                raise Boom('cleanup')
    except Boom as error:
        log(error, cancelling())
    log(scope.expired(), scope)
