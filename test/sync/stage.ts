/**
 * What the suites of locks and queues share: a default loop for each test, and turns of it.
 */

import { type EventLoop, newEventLoop, setEventLoop, sleep } from '../../src/index.js';

/** Registers hooks that give every test a default loop of its own; returns how to get it. */
export function loopForEachTest(): () => EventLoop {
  let loop: EventLoop;
  beforeEach(() => {
    loop = newEventLoop();
    setEventLoop(loop);
  });
  afterEach(() => {
    setEventLoop(null);
    loop.close();
  });
  return () => loop;
}

/** Lets `count` batches of the default loop pass. */
export async function turns(count = 1): Promise<void> {
  for (let turn = 0; turn < count; turn++) await sleep(0);
}

/** What a promise was rejected with. */
export async function failure(promise: PromiseLike<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}
