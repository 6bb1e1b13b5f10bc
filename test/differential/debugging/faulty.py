"""A program with one fault after another: what `python3 -X dev` says of it, faulty.ts has to make uvio say.

The twin of faulty.ts, line by line. Everything goes to standard error; what the program says itself, too.
"""

import asyncio
import gc
import sys
import time


def say(what):
    print(what, file=sys.stderr, flush=True)


def slow():
    time.sleep(0.5)


def boom():
    raise RuntimeError("boom")


def late():
    time.sleep(0.5)


async def work():
    pass


async def bug():
    raise RuntimeError("not consumed")


async def blocking():
    await asyncio.sleep(0.001)
    time.sleep(0.5)


async def hang():
    await asyncio.get_running_loop().create_future()


async def main():
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = 0.4  # a collection takes its time, too
    loop.call_soon(slow)
    await asyncio.sleep(0.001)
    loop.call_later(0.001, late)
    await asyncio.sleep(0.02)
    loop.call_soon(boom)
    await asyncio.sleep(0.001)
    await asyncio.create_task(blocking(), name="blocking")
    work()
    gc.collect()
    await asyncio.sleep(0.001)
    asyncio.create_task(bug(), name="bug")
    await asyncio.sleep(0.001)
    gc.collect()
    loop.create_future().set_exception(RuntimeError("nobody"))
    gc.collect()
    other = asyncio.new_event_loop()
    try:
        await other.create_future()
    except RuntimeError as error:
        say(error)
    other.close()
    loop.call_exception_handler({"message": "by hand"})


asyncio.run(main())


loop = asyncio.new_event_loop()
task = loop.create_task(hang(), name="hang")
loop.call_soon(loop.stop)
loop.run_forever()
loop.close()
del task
gc.collect()
