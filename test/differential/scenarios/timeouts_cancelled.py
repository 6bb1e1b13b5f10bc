"""timeout() and cancellations from outside. See ../timeouts_cancelled.test.ts."""

import asyncio

from stage import Boom, log, outcome, since, task_scenario

LONG = 10
SHORT = 0.001


def cancelling():
    return asyncio.current_task().cancelling()


@task_scenario
async def foreign_cancel_doesnt_timeout_if_not_expired():
    async def work():
        try:
            async with asyncio.timeout(LONG) as scope:
                asyncio.current_task().cancel('foreign')
                await asyncio.sleep(LONG)
        finally:
            log(scope, cancelling())

    task = asyncio.create_task(work())
    await outcome('task', task)
    log(task.cancelled())


@task_scenario
async def cancelled_from_outside():
    async def work():
        try:
            async with asyncio.timeout(LONG) as scope:
                await asyncio.sleep(LONG)
        finally:
            log(scope, cancelling())

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel('outside')
    await outcome('task', task)
    log(task.cancelled())


@task_scenario
async def outer_task_is_not_cancelled():
    async def work():
        try:
            async with asyncio.timeout(SHORT):
                await asyncio.sleep(LONG)
        except TimeoutError as error:
            log(error)

    task = asyncio.create_task(work())
    await task
    log(task.cancelled(), task.done(), task.cancelling())


@task_scenario
async def cancelled_and_expired_in_the_same_batch():
    async def work():
        try:
            async with asyncio.timeout(0) as scope:
                asyncio.get_running_loop().call_soon(task.cancel, 'outside')
                await asyncio.sleep(LONG)
        finally:
            log(scope, cancelling())

    task = asyncio.create_task(work())
    await outcome('task', task)
    log(task.cancelled(), task.cancelling())


@task_scenario
async def cancelled_while_expiring():
    async def work():
        try:
            async with asyncio.timeout(SHORT) as scope:
                try:
                    await asyncio.sleep(LONG)
                finally:
                    task.cancel('outside')
                    log(scope, cancelling())
        except BaseException as error:
            log(error, cancelling())
            raise

    task = asyncio.create_task(work())
    await outcome('task', task)
    log(task.cancelled())


# Debian 12 has 3.11.2, where this differs.
@since(3, 11, 7)
async def timeout_after_cancellation():
    asyncio.current_task().cancel()
    try:
        await asyncio.sleep(LONG)
    except asyncio.CancelledError:
        log('cancelled', cancelling())
    try:
        async with asyncio.timeout(0):
            await asyncio.sleep(LONG)
    except TimeoutError as error:
        log(error, cancelling())


@task_scenario
async def cancel_in_timeout_after_cancellation():
    asyncio.current_task().cancel()
    try:
        await asyncio.sleep(LONG)
    except asyncio.CancelledError:
        log('cancelled', cancelling())
    try:
        async with asyncio.timeout(LONG) as scope:
            asyncio.current_task().cancel()
            await asyncio.sleep(LONG)
    except asyncio.CancelledError as error:
        log(error, cancelling(), scope)


@task_scenario
async def timeout_taskgroup():
    async def work():
        try:
            await asyncio.sleep(LONG)
        finally:
            raise Boom('cleanup')

    try:
        async with asyncio.timeout(SHORT):
            async with asyncio.TaskGroup() as group:
                group.create_task(work())
    except BaseException as error:
        log(error, cancelling())


@task_scenario
async def timeout_around_a_group():
    async def work():
        try:
            await asyncio.sleep(LONG)
        finally:
            log('work ends')

    try:
        async with asyncio.timeout(SHORT) as scope:
            async with asyncio.TaskGroup() as group:
                task = group.create_task(work())
    except BaseException as error:
        log(error, cancelling(), scope, task.cancelled())


@since(3, 13)
async def timeout_inside_a_group():
    async def work(name):
        async with asyncio.timeout(SHORT):
            await asyncio.sleep(LONG)

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(work('a'))
    except BaseException as error:
        log(error, cancelling())


@task_scenario
async def uncancel_structured_blocks():
    async def request(timeout, sleep):
        finished = after = timed_out = False
        try:
            try:
                async with asyncio.timeout(timeout):
                    await asyncio.sleep(sleep)
                    finished = True
            except TimeoutError:
                timed_out = True
            await asyncio.sleep(0)
            after = True
        finally:
            log(timed_out, finished, after, cancelling())

    await request(LONG, 0)
    await request(SHORT, LONG)
    task = asyncio.create_task(request(LONG, LONG))
    await asyncio.sleep(0)
    task.cancel()
    await outcome('task', task)
    task = asyncio.create_task(request(0, LONG))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(task.cancel)
    await outcome('task', task)
