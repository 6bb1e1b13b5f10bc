/**
 * Barrier against CPython: filling and draining, and what comes in between.
 *
 * Each test is the twin of the function of that name in scenarios/barriers.py.
 */

import { Barrier } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { type Log, theme } from './stage.js';
import { type Crew, scenesOf, state, turns } from './workers.js';

function show(log: Log, barrier: Barrier): void {
  log(state(barrier), barrier.nWaiting, barrier.broken);
}

describe('Barrier, as in asyncio', () => {
  leavesNothingOpen();
  const same = scenesOf(theme('barriers'));

  const startAll = ({ start }: Crew, names: string, barrier: Barrier, times = 1) =>
    [...names].map((name) => start(name, ...Array(times).fill(() => barrier.wait())));

  same('one task alone', 'filling_one_task', async ({ log }, crew) => {
    const barrier = new Barrier(1);
    startAll(crew, 'a', barrier, 2);
    await turns();
    show(log, barrier);
  });

  same('one task after the other', 'filling_task_by_task', async ({ log }, { start }) => {
    const barrier = new Barrier(3);
    for (const name of 'abc') {
      start(
        name,
        () => barrier.wait(),
        () => log(state(barrier)),
      );
      await turns();
      show(log, barrier);
    }
    await turns(3);
    show(log, barrier);
  });

  same('all tasks at once', 'filling_tasks_at_once', async ({ log }, crew) => {
    const barrier = new Barrier(3);
    startAll(crew, 'abc', barrier);
    await turns(6);
    show(log, barrier);
  });

  same('a barrier is used again', 'filling_tasks_wait_twice', async ({ log }, crew) => {
    const barrier = new Barrier(3);
    startAll(crew, 'abc', barrier, 3);
    await turns(15);
    show(log, barrier);
  });

  same(
    'who comes while it drains waits for the next filling',
    'blocking_tasks_while_draining',
    async ({ log }, { start }) => {
      const barrier = new Barrier(2);
      for (const name of 'abcd') {
        start(
          name,
          () => barrier.wait(),
          () => log(state(barrier)),
        );
      }
      await turns(8);
      show(log, barrier);
    },
  );

  same('one leaves before it is full', 'filling_tasks_cancel_one', async ({ log }, { start }) => {
    const barrier = new Barrier(3);
    const wait = () => barrier.wait();
    const first = start('1', wait);
    await turns();
    start('2', wait);
    await turns();
    first.cancel();
    await turns();
    log(first.cancelled(), barrier.nWaiting);
    start('3', wait);
    await turns();
    log(barrier.nWaiting);
    start('4', wait);
    await turns(4);
    show(log, barrier);
  });

  same('one is cancelled while it drains', 'draining_cancel_one', async ({ log }, crew) => {
    const barrier = new Barrier(3);
    const tasks = startAll(crew, 'abc', barrier);
    await turns();
    show(log, barrier);
    tasks[0]?.cancel('while it drains');
    await turns(4);
    log(tasks.map((task) => task.cancelled()));
    show(log, barrier);
  });

  same(
    'one that is kept out is cancelled',
    'blocked_cancelled_while_draining',
    async ({ log }, crew) => {
      const barrier = new Barrier(2);
      const tasks = startAll(crew, 'abcd', barrier);
      await turns();
      tasks[2]?.cancel();
      await turns(6);
      log(tasks.map((task) => task.done()));
      show(log, barrier);
    },
  );

  same('an empty barrier is reset', 'reset', async ({ log }) => {
    const barrier = new Barrier(2);
    await barrier.reset();
    show(log, barrier);
  });

  same('reset while it fills', 'reset_while_filling', async ({ log }, crew) => {
    const barrier = new Barrier(3);
    startAll(crew, 'ab', barrier);
    await turns();
    await barrier.reset();
    show(log, barrier);
    crew.start('blocked until all have gone', () => barrier.wait());
    await turns(6);
    show(log, barrier);
  });

  same('reset while it drains', 'reset_while_draining', async ({ log }, crew) => {
    const barrier = new Barrier(3);
    startAll(crew, 'abc', barrier, 2);
    await turns();
    await barrier.reset();
    show(log, barrier);
    await turns(8);
    show(log, barrier);
  });

  same('abort while it fills', 'abort_while_filling', async ({ log }, crew) => {
    const barrier = new Barrier(3);
    startAll(crew, 'ab', barrier);
    await turns();
    await barrier.abort();
    show(log, barrier);
    await turns(4);
    crew.start('too late', () => barrier.wait());
    await turns();
    show(log, barrier);
  });

  same('abort while it drains', 'abort_while_draining', async ({ log }, crew) => {
    const barrier = new Barrier(2);
    startAll(crew, 'abcd', barrier);
    await turns();
    await barrier.abort();
    show(log, barrier);
    await turns(6);
    show(log, barrier);
  });

  same('a broken barrier is mended', 'abort_then_reset', async ({ log }, crew) => {
    const barrier = new Barrier(2);
    startAll(crew, 'a', barrier);
    await turns();
    await barrier.abort();
    await turns(3);
    await barrier.reset();
    show(log, barrier);
    startAll(crew, 'bc', barrier);
    await turns(4);
    show(log, barrier);
  });
});
