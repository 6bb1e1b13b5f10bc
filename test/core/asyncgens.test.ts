/**
 * Async generators of coroutine() beyond what test/differential/asyncgens compares: what the loop holds.
 *
 * The collector is asked to run (--expose-gc); finalizers run in turns of Node's loop.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  coroutine,
  currentTask,
  type EventLoop,
  type ExceptionContext,
  isCoroutine,
  isCoroutineFunction,
  newEventLoop,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

const TURNS = 50;

describe('async generators of coroutine()', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let seen: string[];
  beforeEach(() => {
    loop = newEventLoop();
    seen = [];
  });
  afterEach(() => loop.close());

  const letters = coroutine(async function* letters(text: string): AsyncGenerator<string, number> {
    try {
      for (const letter of text) yield letter;
      return text.length;
    } finally {
      seen.push(currentTask() === null ? 'closes outside of tasks' : 'closes');
      await sleep(0);
      seen.push('closed');
    }
  });

  async function collectUntil(done: () => boolean): Promise<void> {
    const collect = globalThis.gc;
    ok(collect !== undefined, 'run mocha with --expose-gc');
    for (let turn = 0; turn < TURNS && !done(); turn++) {
      await nextTurn();
      collect();
    }
  }

  it('yield and return as any, with their types', () =>
    loop.runUntilComplete(async () => {
      const generator = letters('ab');
      const first: IteratorResult<string, number> = await generator.next();
      deepEqual(first, { value: 'a', done: false });
      deepEqual(await generator.next(), { value: 'b', done: false });
      deepEqual(await generator.next(), { value: 2, done: true });
      const all: string[] = [];
      for await (const letter of letters('xyz')) all.push(letter);
      deepEqual(all, ['x', 'y', 'z']);
    }));

  it('keep the receiver, what is sent in, and the name', () =>
    loop.runUntilComplete(async () => {
      const adder = {
        start: 5,
        sums: coroutine(async function* sums(this: { start: number }) {
          let sum = this.start;
          for (;;) sum += (yield sum) as number;
        }),
      };
      const sums = adder.sums();
      equal((await sums.next(100)).value, 5);
      equal((await sums.next(2)).value, 7);
      equal(String(sums), '<async_generator sums>');
      await sums.return(undefined as never);
    }));

  it('are no coroutines', () => {
    equal(isCoroutineFunction(letters), false);
    equal(isCoroutine(letters('a')), false);
  });

  it('can be disposed of', () =>
    loop.runUntilComplete(async () => {
      {
        await using generator = letters('ab');
        await generator.next();
      }
      deepEqual(seen, ['closes', 'closed']);
    }));

  it('one that begins outside of loops is nobody’s', async () => {
    const generator = letters('ab');
    await generator.next();
    await loop.runUntilComplete(loop.shutdownAsyncgens());
    deepEqual(seen, []);
    equal((await generator.next()).value, 'b');
  });

  it('each is closed by its own loop', async () => {
    using other = newEventLoop();
    const generator = letters('ab');
    await loop.runUntilComplete(() => generator.next());
    await other.runUntilComplete(other.shutdownAsyncgens());
    deepEqual(seen, []);
    await loop.runUntilComplete(loop.shutdownAsyncgens());
    deepEqual(seen, ['closes', 'closed']);
  });

  it('the exception handler is given the generator that failed to close', async () => {
    const contexts: ExceptionContext[] = [];
    loop.setExceptionHandler((_loop, context) => contexts.push(context));
    const failing = coroutine(async function* failing() {
      try {
        yield 1;
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: what fails is the closing
        throw new RangeError('closing');
      }
    });
    const generators = [failing(), failing()];
    await loop.runUntilComplete(async () => {
      for (const generator of generators) await generator.next();
    });
    await loop.runUntilComplete(loop.shutdownAsyncgens());
    deepEqual(
      contexts.map(({ message, exception }) => [message, (exception as Error).message]),
      Array(2).fill([
        'an error occurred during closing of asynchronous generator <async_generator failing>',
        'closing',
      ]),
    );
    ok(contexts.every(({ asyncgen }, index) => asyncgen === generators[index]));
  });

  it('one that was dropped is closed when it is collected', async () => {
    await loop.runUntilComplete(async () => void (await letters('ab').next()));
    await collectUntil(() => seen.includes('closed'));
    deepEqual(seen, ['closes', 'closed']);
  });

  it('one that was dropped by a closed loop is left alone', async () => {
    await loop.runUntilComplete(async () => void (await letters('ab').next()));
    loop.close();
    await collectUntil(() => false);
    deepEqual(seen, []);
  });
});
