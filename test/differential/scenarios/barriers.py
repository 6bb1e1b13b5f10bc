"""Barrier. See ../barriers.test.ts; most names are those of Lib/test/test_asyncio/test_locks.py."""

import asyncio

from stage import log, task_scenario
from workers import start, state, turns


def show(barrier):
    log(state(barrier), barrier.n_waiting, barrier.broken)


@task_scenario
async def filling_one_task():
    barrier = asyncio.Barrier(1)
    start('a', barrier.wait, barrier.wait)
    await turns()
    show(barrier)


@task_scenario
async def filling_task_by_task():
    barrier = asyncio.Barrier(3)
    for name in 'abc':
        start(name, barrier.wait, lambda: log(state(barrier)))
        await turns()
        show(barrier)
    await turns(3)
    show(barrier)


@task_scenario
async def filling_tasks_at_once():
    barrier = asyncio.Barrier(3)
    for name in 'abc':
        start(name, barrier.wait)
    await turns(6)
    show(barrier)


@task_scenario
async def filling_tasks_wait_twice():
    barrier = asyncio.Barrier(3)
    for name in 'abc':
        start(name, barrier.wait, barrier.wait, barrier.wait)
    await turns(15)
    show(barrier)


@task_scenario
async def blocking_tasks_while_draining():
    barrier = asyncio.Barrier(2)
    for name in 'abcd':
        start(name, barrier.wait, lambda: log(state(barrier)))
    await turns(8)
    show(barrier)


@task_scenario
async def filling_tasks_cancel_one():
    barrier = asyncio.Barrier(3)
    first = start('1', barrier.wait)
    await turns()
    start('2', barrier.wait)
    await turns()
    first.cancel()
    await turns()
    log(first.cancelled(), barrier.n_waiting)
    start('3', barrier.wait)
    await turns()
    log(barrier.n_waiting)
    start('4', barrier.wait)
    await turns(4)
    show(barrier)


@task_scenario
async def draining_cancel_one():
    barrier = asyncio.Barrier(3)
    tasks = [start(name, barrier.wait) for name in 'abc']
    await turns()
    show(barrier)
    tasks[0].cancel('while it drains')
    await turns(4)
    log([task.cancelled() for task in tasks])
    show(barrier)


@task_scenario
async def blocked_cancelled_while_draining():
    barrier = asyncio.Barrier(2)
    tasks = [start(name, barrier.wait) for name in 'abcd']
    await turns()
    tasks[2].cancel()
    await turns(6)
    log([task.done() for task in tasks])
    show(barrier)


@task_scenario
async def reset():
    barrier = asyncio.Barrier(2)
    await barrier.reset()
    show(barrier)


@task_scenario
async def reset_while_filling():
    barrier = asyncio.Barrier(3)
    for name in 'ab':
        start(name, barrier.wait)
    await turns()
    await barrier.reset()
    show(barrier)
    start('blocked until all have gone', barrier.wait)
    await turns(6)
    show(barrier)


@task_scenario
async def reset_while_draining():
    barrier = asyncio.Barrier(3)
    for name in 'abc':
        start(name, barrier.wait, barrier.wait)
    await turns()
    await barrier.reset()
    show(barrier)
    await turns(8)
    show(barrier)


@task_scenario
async def abort_while_filling():
    barrier = asyncio.Barrier(3)
    for name in 'ab':
        start(name, barrier.wait)
    await turns()
    await barrier.abort()
    show(barrier)
    await turns(4)
    start('too late', barrier.wait)
    await turns()
    show(barrier)


@task_scenario
async def abort_while_draining():
    barrier = asyncio.Barrier(2)
    for name in 'abcd':
        start(name, barrier.wait)
    await turns()
    await barrier.abort()
    show(barrier)
    await turns(6)
    show(barrier)


@task_scenario
async def abort_then_reset():
    barrier = asyncio.Barrier(2)
    start('a', barrier.wait)
    await turns()
    await barrier.abort()
    await turns(3)
    await barrier.reset()
    show(barrier)
    start('b', barrier.wait)
    start('c', barrier.wait)
    await turns(4)
    show(barrier)
