"""Deadlines that are moved, and deadlines inside of others. See ../timeouts_nested.test.ts."""

import asyncio
import time

from stage import log, outcome, since, task_scenario

LONG = 10
SHORT = 0.001


def cancelling():
    return asyncio.current_task().cancelling()


@task_scenario
async def reschedule():
    loop = asyncio.get_running_loop()
    first = loop.time() + LONG
    try:
        async with asyncio.timeout_at(first) as scope:
            log(scope.when() == first)
            scope.reschedule(first + LONG)
            log(scope.when() == first + LONG)
            scope.reschedule(None)
            log(scope.when())
            scope.reschedule(loop.time() + SHORT)
            await asyncio.sleep(LONG)
    except TimeoutError as error:
        log(error, scope.expired())


@task_scenario
async def reschedule_later():
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(SHORT) as scope:
        scope.reschedule(loop.time() + LONG)
        await asyncio.sleep(3 * SHORT)
        log('has passed the first deadline')
    log(scope)


@task_scenario
async def reschedule_into_the_past():
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LONG) as scope:
            scope.reschedule(loop.time() - 1)
            loop.call_soon(log, 'callback')
            await asyncio.sleep(0)
            log('not here')
    except TimeoutError as error:
        log(error)


@task_scenario
async def reschedule_from_outside():
    scopes = []

    async def work():
        async with asyncio.timeout(LONG) as scope:
            scopes.append(scope)
            await asyncio.sleep(LONG)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    scopes[0].reschedule(asyncio.get_running_loop().time())
    await outcome('task', task)
    log(task.cancelled(), scopes[0])


def try_to_reschedule(scope):
    try:
        scope.reschedule(None)
    except RuntimeError as error:
        log(error)


@task_scenario
async def timeout_expiring():
    async with asyncio.timeout(SHORT) as scope:
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            log(scope, scope.expired())
            try_to_reschedule(scope)
    try_to_reschedule(scope)


@task_scenario
async def timeout_finished():
    async with asyncio.timeout(LONG) as scope:
        pass
    try_to_reschedule(scope)


@task_scenario
async def nested_timeouts():
    loop = asyncio.get_running_loop()
    when = loop.time() + SHORT
    try:
        async with asyncio.timeout_at(when) as outer:
            try:
                async with asyncio.timeout_at(when) as inner:
                    await asyncio.sleep(LONG)
            except BaseException as error:
                log('inner', error, cancelling())
                raise
    except TimeoutError as error:
        log('outer', error, cancelling())
    log(outer, inner)


def be_busy(seconds):
    time.sleep(seconds)


@task_scenario
async def nested_timeouts_concurrent():
    try:
        async with asyncio.timeout(0.002):
            try:
                async with asyncio.timeout(0.1):
                    be_busy(0.005)
                    await asyncio.sleep(LONG)
            except BaseException as error:
                log('inner', error)
                raise
    except TimeoutError as error:
        log('outer', error)


@task_scenario
async def nested_timeouts_loop_busy():
    try:
        async with asyncio.timeout(0.1):
            try:
                async with asyncio.timeout(0.005):
                    be_busy(0.01)
                    await asyncio.sleep(LONG)
            except TimeoutError as error:
                log('inner', error, cancelling())
            await asyncio.sleep(LONG)
    except TimeoutError as error:
        log('outer', error, cancelling())


@task_scenario
async def nested_inner_expires():
    async with asyncio.timeout(LONG) as outer:
        try:
            async with asyncio.timeout(SHORT):
                await asyncio.sleep(LONG)
        except TimeoutError as error:
            log('inner', error, cancelling())
        await asyncio.sleep(0)
    log(outer)


# Debian 12 has 3.11.2, where this differs.
@since(3, 11, 7)
async def nested_timeout_in_finally():
    try:
        async with asyncio.timeout(SHORT):
            try:
                await asyncio.sleep(LONG)
            finally:
                try:
                    async with asyncio.timeout(SHORT):
                        await asyncio.sleep(LONG)
                except TimeoutError as error:
                    log('cleanup', error, cancelling())
    except TimeoutError as error:
        log('outer', error, cancelling())
