/**
 * What both executors do alike: results, errors, what cannot be run, workers that die, the queue, the end.
 *
 * Guards: a call is answered once whatever becomes of its worker, the next one runs, and nothing is left when the
 * executor is shut down.
 */

import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import {
  BrokenExecutor,
  BrokenProcessPool,
  BrokenThreadPool,
  CancelledError,
  coroutine,
  type Executor,
  type ExecutorOptions,
  job,
  QueueFull,
  RuntimeError,
  TimeoutError,
} from 'uvio';
import { inTask } from '../high/stream_support.js';
import { leavesNothingOpen } from '../support.js';
import { jobUrl, KINDS } from './executor_support.js';

const outside = 5;

function withExecutor(
  make: (options?: ExecutorOptions) => Executor,
  body: (executor: Executor) => Promise<void>,
  options: ExecutorOptions = { maxWorkers: 1 },
): Promise<void> {
  return inTask(async () => {
    await using executor = make(options);
    await body(executor);
  });
}

async function thrownBy(promise: PromiseLike<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

for (const [name, make] of KINDS) {
  describe(`an executor: ${name}`, () => {
    leavesNothingOpen();

    it('runs functions, async ones too, and copies arguments and results', () =>
      withExecutor(make, async (executor) => {
        equal(await executor.submit((left: number, right: number) => left + right, [1, 2]), 3);
        equal(
          await executor.submit(
            async (file: string) => {
              const path = await import('node:path');
              return path.basename(file);
            },
            ['/a/b'],
          ),
          'b',
        );
        const value = { at: new Date(0), map: new Map([[1, 2n]]), bytes: new Uint8Array([1]) };
        const copy = await executor.submit((given: typeof value) => given, [value]);
        deepEqual(copy, value);
        ok(copy !== value);
        equal(await executor.submit(() => undefined), undefined);
      }));

    it('runs exports of modules, which keep their state in the worker', () =>
      withExecutor(make, async (executor) => {
        equal(await executor.submit(jobUrl('#add'), [1, 2]), 3);
        equal(await executor.submit(jobUrl().href), 1);
        equal(await executor.submit(jobUrl()), 2);
        equal(await executor.submit('node:path#join', ['a', 'b']), 'a/b');
        await rejects(executor.submit(jobUrl('#fails')), { name: 'RangeError', code: 'E_MODULE' });
        await rejects(executor.submit(jobUrl('#notFunction')), /exports no function 'notFunction'/);
        await rejects(executor.submit('file:///no/such/module.js'), {
          code: 'ERR_MODULE_NOT_FOUND',
        });
      }));

    it('gives errors with class, name, properties, cause and the stacks of both sides', () =>
      withExecutor(make, async (executor) => {
        const error = await thrownBy(
          executor.submit(function work() {
            class Refused extends RangeError {}
            const cause = Object.assign(new TypeError('inner'), { code: 'E_INNER' });
            const thrown = new Refused('outer', { cause });
            throw Object.assign(thrown, { name: 'Refused', limit: 3, callback: () => 1 });
          }),
        );
        ok(error instanceof RangeError);
        equal(String(error), 'Refused: outer');
        deepEqual({ ...error }, { limit: 3, callback: '[Function: callback]' });
        const cause = error.cause as NodeJS.ErrnoException;
        ok(cause instanceof TypeError);
        equal(cause.code, 'E_INNER');
        const [, first, second, third] = (error.stack as string).split('\n');
        match(first as string, /at work \(uvio-job:/);
        match(second as string, /at \[worker (thread|process)\]/);
        match(third as string, /executor\.test/);
      }));

    it('gives what is thrown and is no error, groups of errors, and DOMExceptions', () =>
      withExecutor(make, async (executor) => {
        const thrower = (value: unknown) => {
          throw value;
        };
        deepEqual(await thrownBy(executor.submit(thrower, [{ a: 1 }])), { a: 1 });
        const group = await thrownBy(
          executor.submit(() => {
            throw new AggregateError([new RangeError('one'), 2], 'several');
          }),
        );
        ok(group instanceof AggregateError);
        deepEqual(group.errors.map(String), ['RangeError: one', '2']);
        const aborted = await thrownBy(executor.submit(() => AbortSignal.abort().throwIfAborted()));
        ok(aborted instanceof DOMException);
        equal(aborted.name, 'AbortError');
      }));

    it('says what a function misses that reaches for its closure', () =>
      withExecutor(make, async (executor) => {
        await rejects(
          executor.submit(function reach() {
            return outside;
          }),
          {
            name: 'TypeError',
            message:
              "reach() uses 'outside', which a worker does not have: only the function's source gets there. " +
              "Pass 'outside' as an argument, or the URL of a module in place of the function",
          },
        );
        // That of a module is another matter.
        await rejects(executor.submit(jobUrl('#reaches')), { name: 'ReferenceError' });
      }));

    it('refuses at once what its source does not describe, and wrong arguments', () =>
      withExecutor(make, async (executor) => {
        const kinds: [unknown, RegExp][] = [
          [class {}, /a class/],
          [Math.max, /a native function/],
          [(() => 1).bind(null), /a bound function/],
          [{ method() {} }.method, /a method/],
          [Object.getOwnPropertyDescriptor(Map.prototype, 'size')?.get, /a native function/],
          [async function* () {}, /a generator function/],
          [function* () {}, /coroutines cannot be used with submit\(\)/],
          [coroutine(async () => 1), /coroutines cannot be used with submit\(\)/],
          [5, /fn must be a function or the URL of a module, got 5/],
          ['./work.js', /fn must be a function or the URL of a module .*'.\/work.js'/],
          [new URL('http://localhost/'), /file:, node: or data:/],
        ];
        for (const [fn, message] of kinds) {
          throws(() => executor.submit(fn as () => void), { name: 'TypeError', message });
        }
        const fn = () => 1;
        throws(() => executor.submit(fn, 5 as never), /args must be an array, got 5/);
        throws(() => executor.submit(fn, [], { timeout: -1 }), /timeout must be 0 or more, got -1/);
        throws(
          () => executor.submit(fn, [], { signal: 5 as never }),
          /signal must be an AbortSignal/,
        );
        throws(() => executor.submit(fn, [], { transferList: 5 as never }), /transferList must be/);
        throws(() => job(fn, { transferResult: 1 as never }), /transferResult must be a boolean/);
        throws(() => make({ maxWorkers: 0 }), { name: 'RangeError', message: /maxWorkers/ });
        throws(() => make({ maxQueue: 0.5 }), { name: 'RangeError', message: /maxQueue/ });
        throws(() => make(5 as never), /options must be an object/);
      }));

    it('says so when arguments or a result cannot be copied, and goes on', () =>
      withExecutor(make, async (executor) => {
        const name = 'TypeError';
        const give = (value: unknown) => value;
        const args = executor.submit(give, [() => 1]);
        await rejects(args, { name, message: /^The arguments of give\(\) cannot be copied: / });
        const result = executor.submit(function make() {
          return { fn: () => 1 };
        });
        await rejects(result, { name, message: /^The result of make\(\) cannot be copied: / });
        equal(await executor.submit(give, [1]), 1);
      }));

    it('fails the call of a worker that dies, and only that', () =>
      withExecutor(make, async (executor) => {
        const dies = executor.submit(function leave() {
          process.exit(3);
        });
        const next = executor.submit(() => 'next');
        const error = await thrownBy(dies);
        ok(error instanceof BrokenExecutor && error instanceof RuntimeError);
        ok(error instanceof (name === 'ThreadPoolExecutor' ? BrokenThreadPool : BrokenProcessPool));
        match(
          error.message,
          /^A worker (thread|process) ended while it ran leave\(\): .*code:? 3$/,
        );
        match(error.stack as string, /executor\.test/);
        equal(await next, 'next');
        // One may also die with nothing to do, and take the next call along or not.
        await executor.submit(() => void setTimeout(() => process.exit(1), 1));
        const either = executor.submit(() => new Promise((resolve) => setTimeout(resolve, 10)));
        await either.catch((error) => ok(error instanceof BrokenExecutor));
        equal(await executor.submit(() => 'again'), 'again');
      }));

    it('stops what is cancelled, aborted or out of time, an infinite loop too', () =>
      withExecutor(make, async (executor) => {
        const forever = () => {
          for (;;);
        };
        const cancelled = executor.submit(forever);
        cancelled.cancel('enough');
        await rejects(cancelled, (error: Error) => {
          return error instanceof CancelledError && error.message === 'enough';
        });
        const late = executor.submit(forever, [], { timeout: 20 });
        const message = 'forever() did not end within 20 ms';
        await rejects(late, { name: 'TimeoutError', message });
        ok((await thrownBy(late)) instanceof TimeoutError);
        const controller = new AbortController();
        const aborted = executor.submit(job(forever, { signal: controller.signal }));
        controller.abort(new Error('given up'));
        await rejects(aborted, (error: Error) => {
          return error instanceof CancelledError && error.message === 'given up';
        });
        const early = executor.submit(forever, [], { signal: AbortSignal.abort() });
        ok(early.cancelled());
        equal(await executor.submit(() => 'free', [], { timeout: 10_000 }), 'free');
      }));

    it('starts calls in their order, as many at a time as it has workers', () =>
      withExecutor(
        make,
        async (executor) => {
          const pids = await Promise.all(
            Array.from({ length: 6 }, () =>
              executor.submit(async () => {
                const { threadId } = await import('node:worker_threads');
                return `${process.pid} ${threadId}`;
              }),
            ),
          );
          ok(new Set(pids).size <= 2, pids.join());
        },
        { maxWorkers: 2 },
      ));

    it('refuses what its queue has no place for', () =>
      withExecutor(
        make,
        async (executor) => {
          const waits = () => new Promise(() => {});
          const running = executor.submit(waits);
          const queued = executor.submit(() => 'queued');
          throws(() => executor.submit(() => 1), {
            name: 'QueueFull',
            message: 'maxQueue: 1 calls wait already',
          });
          throws(() => executor.submit(() => 1), QueueFull);
          running.cancel();
          equal(await queued, 'queued');
          equal(await executor.submit(() => 'room'), 'room');
        },
        { maxWorkers: 1, maxQueue: 1 },
      ));

    it('shuts down: what is there ends, nothing more comes in', () =>
      inTask(async () => {
        const executor = make({ maxWorkers: 1 });
        const first = executor.submit(() => 'first');
        const second = executor.submit(() => 'second');
        const given = executor.submit(() => 'given up');
        given.cancel();
        equal(executor.shutdown({ wait: false }).done(), true);
        throws(() => executor.submit(() => 1), {
          name: 'RuntimeError',
          message: 'cannot schedule new futures after shutdown',
        });
        await executor.shutdown();
        deepEqual([first.result(), second.result()], ['first', 'second']);
        await executor.shutdown();

        const other = make({ maxWorkers: 1 });
        const started = other.submit(() => 'started');
        const waiting = other.submit(() => 'waiting');
        await other.shutdown({ cancelFutures: true });
        equal(started.result(), 'started');
        ok(waiting.cancelled());
        throws(() => other.shutdown({ wait: 1 as never }), /wait must be a boolean/);
        await make().shutdown();
      }));
  });
}
