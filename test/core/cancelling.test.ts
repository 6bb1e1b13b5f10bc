/**
 * Corners of cancellation: when it is thrown, what it silences, and whom it reaches in a ring of tasks.
 *
 * What CPython does in the same place is written beside each; the many plain cases are in test/differential.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import {
  CancelledError,
  createTask,
  currentTask,
  type EventLoop,
  Future,
  newEventLoop,
  sleep,
  type Task,
  type TaskBody,
  timeout,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

describe('cancellation', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  beforeEach(() => {
    loop = newEventLoop();
  });
  afterEach(() => loop.close());
  const inLoop = (body: () => Promise<unknown>) => () => loop.runUntilComplete(body);

  it(
    'one that is pending at an await is thrown there in the next batch, as in asyncio',
    inLoop(async () => {
      const events: string[] = [];
      const task = createTask(async () => {
        loop.callSoon(() => events.push('callback'));
        currentTask()?.cancel();
        await new Future().catch(() => events.push('cancelled'));
      });
      await task;
      deepEqual(events, ['callback', 'cancelled']);
    }),
  );

  it("cancelling a task that is done silences 'never retrieved', as in asyncio", async () => {
    const reports: unknown[] = [];
    loop.setExceptionHandler((_loop, context) => reports.push(context.message));
    const task = loop.createTask(async () => {
      throw new Error('no');
    });
    await loop.runUntilComplete(() => sleep(0));
    equal(task.cancel(), false);
    loop.close();
    deepEqual(reports, []);
  });

  // asyncio ends with a RecursionError here.
  const ring = (body: (next: () => Task, ended: () => void) => TaskBody<unknown>) =>
    inLoop(async () => {
      const ended: number[] = [];
      const tasks: Task[] = [];
      for (let index = 0; index < 3; index++) {
        const next = () => tasks[(index + 1) % 3] as Task;
        tasks.push(createTask(body(next, () => ended.push(index))));
      }
      await sleep(0);
      tasks[1]?.cancel('enough');
      for (const task of tasks) await rejects(async () => await task, CancelledError);
      await sleep(0);
      deepEqual(ended.sort(), [0, 1, 2]);
    });

  it(
    'of one task in a ring of tasks that await each other ends them all',
    ring((next, ended) => async () => {
      try {
        await next();
      } finally {
        ended();
      }
    }),
  );

  it(
    'of one task in a ring of tasks that await each other ends them all (generators)',
    ring(
      (next, ended) =>
        function* () {
          try {
            yield* next();
          } finally {
            ended();
          }
        },
    ),
  );

  it('has no stack, which would show the loop alone', async () => {
    const task = loop.createTask(async () => await new Future());
    task.cancel('why');
    const error = await task.then(
      () => null,
      (reason) => reason,
    );
    ok(error instanceof CancelledError);
    equal(error.stack, 'CancelledError: why');
    equal(Error.stackTraceLimit > 0, true);
  });

  it(
    "a generator's bare yield inside an async function gives a batch",
    inLoop(async () => {
      const events: string[] = [];
      loop.callSoon(() => events.push('callback'));
      await timeout(1_000_000, function* () {
        events.push('before');
        yield* sleep(0);
        events.push('after');
        yield;
      });
      deepEqual(events, ['before', 'callback', 'after']);
    }),
  );
});
