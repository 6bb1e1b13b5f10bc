"""Queues. See ../queues.test.ts; most names are those of Lib/test/test_asyncio/test_queues.py."""

import asyncio

from stage import kind, log, task_scenario
from workers import start, turns


def attempt(what, call):
    try:
        log(what, call())
    except Exception as error:
        log(what, kind(error))


@task_scenario
async def order():
    for kind_of_queue in (asyncio.Queue, asyncio.LifoQueue, asyncio.PriorityQueue):
        queue = kind_of_queue()
        for item in (1, 3, 2, 3):
            queue.put_nowait(item)
        log(queue.qsize(), [queue.get_nowait() for _ in range(4)], str(queue))


@task_scenario
async def priorities():
    queue = asyncio.PriorityQueue()
    items = [(2, 'b'), (1, 'z'), (2, 'a'), (1,), (0, 'x', 5), (1, 'y')]
    for item in items:
        await queue.put(item)
    log([await queue.get() for _ in items])


@task_scenario
async def maxsize():
    queue = asyncio.Queue(2)
    log(queue.maxsize, queue.full(), queue.empty(), str(queue))
    queue.put_nowait(1)
    attempt('put', lambda: queue.put_nowait(2))
    attempt('put', lambda: queue.put_nowait(3))
    start('putter', lambda: queue.put(3))
    await turns()
    log(str(queue), queue.full())
    log(await queue.get(), str(queue))
    await turns()
    log(str(queue))


@task_scenario
async def float_maxsize():
    queue = asyncio.Queue(1.3)
    queue.put_nowait(1)
    log(queue.full())
    queue.put_nowait(2)
    log(queue.full())
    attempt('put', lambda: queue.put_nowait(3))


@task_scenario
async def negative_maxsize():
    queue = asyncio.Queue(-1)
    for item in range(5):
        queue.put_nowait(item)
    log(queue.full(), str(queue))


@task_scenario
async def get_wait():
    queue = asyncio.Queue()
    attempt('get', queue.get_nowait)
    start('a', queue.get)
    start('b', queue.get)
    await turns()
    log(str(queue))
    queue.put_nowait(1)
    log(str(queue))
    queue.put_nowait(2)
    log(str(queue))
    await turns()
    log(str(queue))


@task_scenario
async def get_overtakes_the_woken():
    queue = asyncio.Queue()
    start('a', queue.get)
    await turns()
    queue.put_nowait(1)
    log('main', await queue.get())
    await turns()
    log(str(queue))
    queue.put_nowait(2)
    await turns()


@task_scenario
async def get_cancelled_race():
    queue = asyncio.Queue()
    first = start('1', queue.get)
    start('2', queue.get)
    await turns()
    first.cancel()
    await turns()
    log(first.cancelled())
    await queue.put('a')
    await turns()
    log(str(queue))


@task_scenario
async def get_cancel_drop_one_pending_reader():
    queue = asyncio.Queue()
    reader = start('a', queue.get)
    await turns()
    queue.put_nowait(1)
    queue.put_nowait(2)
    reader.cancel()
    await turns()
    start('b', queue.get)
    await turns()
    log(reader.cancelled(), str(queue))


@task_scenario
async def get_cancel_drop_many_pending_readers():
    queue = asyncio.Queue()
    first, *_ = [start(name, queue.get) for name in '123']
    await turns()
    queue.put_nowait(1)
    queue.put_nowait(2)
    first.cancel()
    log(str(queue))
    await turns(2)
    log(str(queue))


@task_scenario
async def cancelled_getters_not_being_held():
    queue = asyncio.Queue(5)
    task = start('a', queue.get)
    await turns()
    log(str(queue))
    task.cancel()
    await turns()
    log(str(queue))


@task_scenario
async def why_are_getters_waiting():
    queue = asyncio.Queue(1)
    start('producer', *[lambda item=item: queue.put(item) for item in range(5)])
    start('consumer', *[queue.get for _ in range(5)])
    await turns(12)
    log(str(queue))


@task_scenario
async def get_with_waiting_putters():
    queue = asyncio.Queue(1)
    start('a', lambda: queue.put('a'))
    start('b', lambda: queue.put('b'))
    log(await queue.get(), str(queue))
    log(await queue.get(), str(queue))


@task_scenario
async def put_cancel_drop():
    queue = asyncio.Queue(1)
    queue.put_nowait(1)
    writer = start('a', lambda: queue.put(2))
    await turns()
    log(queue.get_nowait())
    writer.cancel()
    await turns()
    log(writer.cancelled(), str(queue))


@task_scenario
async def put_cancelled_race():
    queue = asyncio.Queue(1)
    a, b, c = [start(name, lambda name=name: queue.put(name)) for name in 'abX']
    await turns()
    log(a.done(), b.done(), str(queue))
    c.cancel()
    await turns()
    log(c.cancelled(), queue.get_nowait())
    await turns()
    log(queue.get_nowait(), str(queue))


@task_scenario
async def put_wake_up_passed_on():
    queue = asyncio.Queue(1)
    queue.put_nowait(0)
    a = start('a', lambda: queue.put('a'))
    start('b', lambda: queue.put('b'))
    await turns()
    queue.get_nowait()
    a.cancel('late')
    await turns()
    log(str(queue))
    await turns()
    log(str(queue))


@task_scenario
async def why_are_putters_waiting():
    queue = asyncio.Queue(2)

    def drain():
        for _ in range(queue.qsize()):
            log('drains', queue.get_nowait())

    start('getter', lambda: asyncio.sleep(0), drain)
    for item in range(4):
        start(f'putter {item}', lambda item=item: queue.put(item))
    await turns(4)
    log(str(queue))


@task_scenario
async def cancelled_puts_not_being_held():
    queue = asyncio.Queue(1)
    queue.put_nowait(1)
    task = start('a', lambda: queue.put(1))
    await turns()
    log(str(queue))
    task.cancel()
    await turns()
    log(str(queue))


@task_scenario
async def task_done_underflow():
    for queue in (asyncio.Queue(), asyncio.LifoQueue(), asyncio.PriorityQueue()):
        try:
            queue.task_done()
        except ValueError as error:
            log(str(error))


@task_scenario
async def task_done():
    queue = asyncio.Queue()
    for item in range(4):
        queue.put_nowait(item)
    start('joins', queue.join)

    def done():
        queue.task_done()
        log(str(queue))

    start('a', queue.get, done, queue.get, done)
    start('b', queue.get, done, queue.get, done)
    await turns(3)
    start('joins again', queue.join)
    await turns()


@task_scenario
async def join_empty_queue():
    queue = asyncio.Queue()
    start('a', queue.join, queue.join)
    await turns()
