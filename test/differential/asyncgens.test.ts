/**
 * Async generators of coroutine() against Python's: which of them the loop closes, and how.
 *
 * Each test is the twin of the function of that name in scenarios/asyncgens.py.
 */

import { once } from 'node:events';
import {
  coroutine,
  createTask,
  currentTask,
  type EventLoop,
  Future,
  getRunningLoop,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { Boom, type Log, type Stage, theme } from './stage.js';

const ticks = coroutine(async function* (log: Log, name = 'generator') {
  try {
    for (let tick = 0; tick < 3; tick++) yield tick;
  } finally {
    log(name, 'begins to close');
    await sleep(0);
    log(name, 'is closed');
  }
});

function firstOf(loop: EventLoop, generator: AsyncGenerator<unknown>): Promise<unknown> {
  return loop.runUntilComplete(async () => (await generator.next()).value);
}

async function all(generator: AsyncGenerator<unknown>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of generator) values.push(value);
  return values;
}

async function shutDown({ loop, log }: Stage): Promise<void> {
  await loop.runUntilComplete(loop.shutdownAsyncgens());
  log('shut down');
}

describe('async generators, as in asyncio', () => {
  leavesNothingOpen();
  const { same } = theme('asyncgens');

  same('one that is suspended is closed', 'suspended_is_closed', async (stage) => {
    const generator = ticks(stage.log);
    stage.log(await firstOf(stage.loop, generator));
    await shutDown(stage);
    await stage.loop.runUntilComplete(async () => stage.log('left', await all(generator)));
  });

  same('one that has not begun is left alone', 'not_begun_is_left_alone', async (stage) => {
    ticks(stage.log);
    await shutDown(stage);
  });

  same('one that has ended is left alone', 'ended_is_left_alone', async (stage) => {
    const generator = ticks(stage.log);
    await stage.loop.runUntilComplete(async () => stage.log(await all(generator)));
    await shutDown(stage);
  });

  same('one that was closed is left alone', 'closed_is_left_alone', async (stage) => {
    const generator = ticks(stage.log);
    await stage.loop.runUntilComplete(async () => {
      stage.log((await generator.next()).value);
      await generator.return();
    });
    await shutDown(stage);
  });

  same('one that has failed is left alone', 'failed_is_left_alone', async (stage) => {
    const generator = ticks(stage.log);
    await stage.loop.runUntilComplete(async () => {
      stage.log((await generator.next()).value);
      await generator.throw(new Boom('thrown in')).catch(stage.log);
    });
    await shutDown(stage);
  });

  same('an error of closing is reported', 'closing_fails', async (stage) => {
    const fails = coroutine(async function* () {
      try {
        yield 1;
      } finally {
        await sleep(0);
        // biome-ignore lint/correctness/noUnsafeFinally: what fails is the closing
        throw new Boom('closing');
      }
    });
    const generator = fails();
    stage.log(await firstOf(stage.loop, generator));
    await shutDown(stage);
  });

  same('one that yields while it closes is reported', 'closing_is_ignored', async (stage) => {
    const stubborn = coroutine(async function* () {
      try {
        yield 1;
      } finally {
        yield 2;
      }
    });
    const generator = stubborn();
    stage.log(await firstOf(stage.loop, generator));
    await shutDown(stage);
  });

  same('one that is running cannot be closed', 'running_cannot_be_closed', async (stage) => {
    const { loop, log } = stage;
    const future = loop.createFuture<string>();
    const waits = coroutine(async function* () {
      log(await future);
      yield 'value';
    });
    const generator = waits();
    await loop.runUntilComplete(async () => {
      const task = createTask(() => generator.next());
      await sleep(0);
      await loop.shutdownAsyncgens();
      future.setResult('result');
      log((await task).value);
    });
    await shutDown(stage);
  });

  same('it is closed in a task', 'closed_in_a_task', async (stage) => {
    const { loop, log } = stage;
    const named = coroutine(async function* () {
      try {
        yield 1;
      } finally {
        log(currentTask() !== null, getRunningLoop() === loop);
      }
    });
    const generator = named();
    log(await firstOf(loop, generator));
    await shutDown(stage);
  });

  same('one that begins after the shutdown is warned of', 'begun_after_shutdown', async (stage) => {
    await shutDown(stage);
    const generator = ticks(stage.log);
    const warned = once(process, 'warning') as Promise<[Error]>;
    stage.log(await firstOf(stage.loop, generator));
    stage.log((await warned).map((warning) => warning.name));
    await shutDown(stage);
  });

  same('a cancellation inside of it ends it', 'cancelled_inside', async (stage) => {
    const { loop, log } = stage;
    const waits = coroutine(async function* () {
      try {
        yield 1;
        await new Future();
      } finally {
        log('cleans up');
      }
    });
    const generator = waits();
    const task = loop.createTask(async () => {
      for await (const tick of generator) log(tick);
    });
    loop.callLater(1, () => task.cancel('why'));
    await loop.runUntilComplete(task).catch(log);
    await shutDown(stage);
  });
});
