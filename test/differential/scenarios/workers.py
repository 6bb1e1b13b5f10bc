"""Workers: tasks that do a few steps and say after each what it gave. See ../workers.ts."""

import asyncio
import inspect
import re

from stage import log


def start(name, *steps):
    """A task that does `steps`, functions that return a value or something to await."""
    return asyncio.create_task(work(name, steps))


def holding(name, lock, *steps):
    """The same, with `lock` held."""

    async def hold():
        async with lock:
            log(name, 'holds')
            await work(name, steps)

    return asyncio.create_task(hold())


async def work(name, steps):
    try:
        for number, step in enumerate(steps):
            value = step()
            if inspect.isawaitable(value):
                value = await value
            if isinstance(value, (int, str)) and not isinstance(value, bool):
                log(name, number, value)
            else:
                log(name, number)
    except asyncio.CancelledError as error:
        log(name, error)
        raise
    except Exception as error:
        log(name, type(error).__name__)


async def turns(count=1):
    for _ in range(count):
        await asyncio.sleep(0)


def state(thing):
    """What a lock shows of itself, less its address."""
    return re.search(r'\[.*\](?=>$)', repr(thing))[0]
