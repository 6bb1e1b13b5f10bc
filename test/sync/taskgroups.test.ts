/**
 * Task groups beyond asyncio's: promises and functions of Node inside, results and types.
 *
 * The order of events is compared with asyncio's in test/differential/taskgroups*.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as nodeSleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  allTasks,
  currentTask,
  ExceptionGroup,
  Future,
  getRunningLoop,
  RuntimeError,
  run,
  sleep,
  type Task,
  TaskGroup,
  taskGroup,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

const LONG = 100_000;

class Boom extends Error {}

/** What awaiting throws. */
async function caught(awaitable: PromiseLike<unknown>): Promise<Error> {
  try {
    await awaitable;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

async function fails(): Promise<never> {
  await sleep(0);
  throw new Boom('child');
}

describe('taskGroup()', () => {
  leavesNothingOpen();

  it('gives what its body returns, with its type', () =>
    run(async () => {
      const fromAsync: number = await taskGroup(async () => 1);
      const fromGenerator: string = await taskGroup(function* () {
        yield* sleep(0);
        return 'two';
      });
      const fromFunction: boolean = await taskGroup(() => true);
      deepEqual([fromAsync, fromGenerator, fromFunction], [1, 'two', true]);
    }));

  it('starts nothing until it is awaited, and runs once', () =>
    run(async () => {
      let began = 0;
      const group = taskGroup(() => ++began);
      await sleep(0);
      equal(began, 0);
      equal(await group, 1);
      await rejects(async () => await group, RuntimeError);
    }));

  it('rejects outside a task', async () => {
    const error = await caught(taskGroup(() => {}));
    equal(error.name, 'RuntimeError');
    equal(error.message, 'TaskGroup <TaskGroup> cannot determine the parent task');
  });

  it('has ended every task when it rejects', () =>
    run(async () => {
      const group = taskGroup(async (own) => {
        own.createTask(fails);
        own.createTask(() => new Future());
        await sleep(LONG);
      });
      ok((await caught(group)) instanceof ExceptionGroup);
      deepEqual([...allTasks()], [currentTask()]);
    }));

  it('its errors are not reported as never retrieved', async () => {
    const reports: unknown[] = [];
    await run(async () => {
      getRunningLoop().setExceptionHandler((_loop, { message }) => reports.push(message));
      const group = taskGroup((own) => {
        for (let count = 0; count < 3; count++) own.createTask(fails);
      });
      equal(((await caught(group)) as ExceptionGroup).exceptions.length, 3);
    });
    deepEqual(reports, []);
  });

  it("an AbortError that the group's cancellation caused is not one of its errors", () =>
    run(async () => {
      const body = async (group: TaskGroup) => {
        group.createTask(fails);
        await nodeSleep(LONG, undefined, { signal: currentTask()?.signal });
      };
      const error = (await caught(taskGroup(body))) as ExceptionGroup;
      deepEqual(error.exceptions.map(String), ['Error: child']);
      equal(currentTask()?.cancelling(), 0);
    }));

  it('tasks that Node was waiting for end as cancelled ones', () =>
    run(async () => {
      let waiting: Task | undefined;
      const body = (group: TaskGroup) => {
        group.createTask(fails);
        waiting = group.createTask(() =>
          nodeSleep(LONG, undefined, { signal: currentTask()?.signal }),
        ) as Task;
      };
      const error = (await caught(taskGroup(body))) as ExceptionGroup;
      equal(error.exceptions.length, 1);
      equal(waiting?.cancelled(), true);
    }));

  it('fetch() in a task is given up when another fails', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await run(async () => {
        const asked = once(server, 'request');
        let fetching: Task | undefined;
        const body = (group: TaskGroup) => {
          fetching = group.createTask(() =>
            fetch(`http://127.0.0.1:${port}/`, { signal: currentTask()?.signal as AbortSignal }),
          ) as Task;
          group.createTask(async () => {
            await asked;
            throw new Boom('no longer wanted');
          });
        };
        const error = (await caught(taskGroup(body))) as ExceptionGroup;
        deepEqual(error.exceptions.map(String), ['Error: no longer wanted']);
        equal(fetching?.cancelled(), true);
      });
    } finally {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  });

  it('a generator body may wait for promises', () =>
    run(async () => {
      const order: string[] = [];
      await taskGroup(function* (group) {
        group.createTask(async () => void order.push('task'));
        yield nodeSleep(1);
        order.push('body');
      });
      deepEqual(order, ['task', 'body']);
    }));

  it('the signal of the task is a fresh one when the group has taken its cancellation back', () =>
    run(async () => {
      const task = currentTask() as Task;
      let inside: AbortSignal | undefined;
      const body = async (group: TaskGroup) => {
        inside = task.signal;
        group.createTask(fails);
        await new Future();
      };
      await caught(taskGroup(body));
      equal(inside?.aborted, true);
      equal(task.signal.aborted, false);
    }));

  it('shows what it is doing', () =>
    run(async () => {
      const group = new TaskGroup();
      equal(`${group}`, '<TaskGroup>');
      equal(inspect(group), '<TaskGroup>');
      const body = async () => {
        group.createTask(fails);
        equal(`${group}`, '<TaskGroup tasks=1 entered>');
        await caught(new Future());
        equal(`${group}`, '<TaskGroup errors=1 cancelling>');
      };
      await caught(group.run(body));
    }));
});
