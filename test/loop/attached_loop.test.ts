/**
 * Calls in the loop of another thread: what they carry, in what order they run, what comes back.
 *
 * The values are those of structured clone, whichever way they go.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { once } from 'node:events';
import { MessageChannel, threadId } from 'node:worker_threads';
import {
  AttachedLoop,
  CancelledError,
  EventLoop,
  ExceptionGroup,
  getRunningLoop,
  type LoopRef,
  newEventLoop,
  QueueFull,
  RuntimeError,
  runCoroutineThreadsafe,
  TimeoutError,
  transfer,
} from '../../src/index.js';
import { startWorker } from '../io/programs.js';
import { leavesNothingOpen } from '../support.js';
import { withServingThread } from './serving_threads.js';

const VALUES: unknown[] = [
  ...[
    '',
    'text',
    'ü€😀',
    '\ud800',
    '"quoted"\n\0',
    'x'.repeat(300),
    'é'.repeat(127),
    '€'.repeat(85),
  ],
  ...[0, -0, 1.5, -1e300, Number.NaN, Number.POSITIVE_INFINITY, 2n ** 70n],
  ...[true, false, null, undefined],
  ...[[], [1, [2]], {}, { a: { b: undefined } }, new Map([[1, new Set(['x'])]]), new Date(5), /x/g],
  ...[new Uint8Array([1, 2]), new Float64Array([0.5]), new Error('an error')],
];

describe('the loop of another thread', () => {
  leavesNothingOpen();

  it('gives back what it is given, whatever the kind of value', () =>
    withServingThread(async ({ attached }) => {
      for (const value of VALUES) {
        deepEqual(await attached.runCoroutineThreadsafe('echo', value), [value]);
        deepEqual(await attached.runCoroutineThreadsafe('give', value), value);
      }
      deepEqual(await attached.runCoroutineThreadsafe('echo', ...VALUES), VALUES);
      equal(await attached.runCoroutineThreadsafe('nothing'), undefined);
    }));

  it('runs calls in the order in which they were made, of whatever kind', () =>
    withServingThread(async ({ attached }) => {
      for (let n = 0; n < 300; n++) {
        attached.callSoonThreadsafe('note', n % 3 === 0 ? { n } : n);
        if (n % 50 === 0) await attached.runCoroutineThreadsafe('nothing');
      }
      const wanted = Array.from({ length: 300 }, (_, n) => (n % 3 === 0 ? { n } : n));
      deepEqual(await attached.runCoroutineThreadsafe('seen'), wanted);
    }));

  it('is woken from its sleep by one call', () =>
    withServingThread(async ({ attached }) => {
      for (let n = 0; n < 20; n++) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        equal(await attached.runCoroutineThreadsafe('give', n), n);
      }
    }));

  it('may be reached by its ref, by attach() or by the loop object of one’s own thread', () =>
    withServingThread(async ({ attached, loop }) => {
      equal(await runCoroutineThreadsafe(attached, 'give', 1), 1);
      equal(await runCoroutineThreadsafe(attached.ref, 'give', 2), 2);
      equal(await runCoroutineThreadsafe(structuredClone(attached.ref), 'give', 3), 3);
      loop.expose('own', async (value: unknown) => value);
      equal(await runCoroutineThreadsafe(loop, 'own', 4), 4);
      deepEqual(await runCoroutineThreadsafe(loop, 'own', { five: 5 }), { five: 5 });
      ok((await attached.runCoroutineThreadsafe('threadId')) !== threadId);
    }));

  it('calls back, while its call is under way', () =>
    withServingThread(async ({ attached, loop }) => {
      loop.expose('twice', async (value: number) => ({ twice: value * 2 }));
      const answer = await attached.runCoroutineThreadsafe('callBack', loop.ref, 'twice', 21);
      deepEqual(answer, { twice: 42 });
    }));

  it('of this thread is reached as well', async () => {
    const [one, other] = [newEventLoop(), newEventLoop()];
    other.expose({ name: async (value: unknown) => [getRunningLoop() === other, value] });
    await one.runUntilComplete(async () => {
      const attached = EventLoop.attach(other.ref);
      deepEqual(await attached.runCoroutineThreadsafe('name', 1), [true, 1]);
      deepEqual(await attached.runCoroutineThreadsafe('name', { two: 2 }), [true, { two: 2 }]);
    });
    one.close();
    other.close();
  });

  it('moves what transfer() names, there and back', () =>
    withServingThread(async ({ attached }) => {
      const memory = new ArrayBuffer(8);
      const there = await attached.runCoroutineThreadsafe<[ArrayBuffer]>(
        'echo',
        transfer(memory, [memory]),
      );
      equal(memory.byteLength, 0);
      equal(there[0].byteLength, 8);
      const { port1, port2 } = new MessageChannel();
      await attached.runCoroutineThreadsafe('give', transfer(port1, [port1])).catch(() => {});
      port2.close();
      const back = await attached.runCoroutineThreadsafe<{ memory: ArrayBuffer }>('move', 16);
      equal(back.memory.byteLength, 16);
    }));

  it('takes what needs a port where the program has a listener beside ours that throws', async () => {
    const loop = newEventLoop();
    loop.expose('give', async (value: unknown) => value);
    const worker = startWorker<LoopRef>(
      async ({ EventLoop: { attach }, run }, { threads }, ref) => {
        // Node tells who sent the port of the failure, and not that we have it.
        await run(async () => {
          const given = await attach(ref).runCoroutineThreadsafe('give', { rich: 1 });
          threads.parentPort?.postMessage(given);
        });
      },
      loop.ref,
    );
    const emitter: NodeJS.EventEmitter = process;
    const listener = () => {
      throw new Error('an error that is wanted');
    };
    emitter.on('workerMessage', listener);
    try {
      const [given] = await once(worker, 'message');
      deepEqual(given, { rich: 1 });
    } finally {
      emitter.off('workerMessage', listener);
      await worker.terminate();
      loop.close();
    }
  });

  it('shares a SharedArrayBuffer', () =>
    withServingThread(async ({ attached }) => {
      const shared = new Int32Array(new SharedArrayBuffer(4));
      for (let n = 0; n < 3; n++) await attached.runCoroutineThreadsafe('increment', shared);
      equal(shared[0], 3);
    }));

  it('an argument that cannot be cloned is an error of the call, and nothing is lost', () =>
    withServingThread(async ({ attached }) => {
      const clone = { name: 'DataCloneError' };
      throws(() => attached.runCoroutineThreadsafe('echo', () => {}), clone);
      throws(() => attached.callSoonThreadsafe('note', Symbol('no')), clone);
      deepEqual(await attached.runCoroutineThreadsafe('echo', { a: 1 }), [{ a: 1 }]);
      deepEqual(await attached.runCoroutineThreadsafe('seen'), []);
    }));

  it('a result that cannot be cloned is an error for the caller', () =>
    withServingThread(async ({ attached, loop }) => {
      loop.expose('bad', async () => () => {});
      await rejects(runCoroutineThreadsafe(loop, 'bad'), { name: 'DataCloneError' });
      const remote = attached.runCoroutineThreadsafe('callBack', loop.ref, 'bad');
      await rejects(remote, { name: 'DataCloneError' });
    }));

  it('errors keep class, message, stack, properties, cause and members', () =>
    withServingThread(async ({ attached }) => {
      const failing = attached.runCoroutineThreadsafe('failWith', 'TimeoutError', 'too late');
      const error = await failing.then(null, (reason) => reason);
      ok(error instanceof TimeoutError && error instanceof Error);
      equal(error.message, 'too late');
      deepEqual([error.code, (error as { detail?: number }).detail], ['ETIMEDOUT', 7]);
      ok(/TimeoutError: too late\n +at .*failWith/.test(error.stack ?? ''), error.stack);
      const group = await attached.runCoroutineThreadsafe('failInGroup').then(null, (one) => one);
      ok(group instanceof ExceptionGroup);
      equal(group.message, 'several (2 sub-exceptions)');
      equal((group.cause as Error).message, 'deep');
      ok(group.exceptions[0] instanceof RangeError && group.exceptions[1] instanceof QueueFull);
      equal(group.subgroup(QueueFull)?.message, 'several (1 sub-exception)');
    }));

  it('what is thrown and cannot be read is an error all the same', () =>
    withServingThread(async ({ attached, loop }) => {
      const lazy = { enumerable: true, get: () => JSON.parse('') };
      loop.expose('bad', async () => {
        throw Object.defineProperty(new Error('with a getter'), 'lazy', lazy);
      });
      const message = 'what was thrown cannot be described';
      await rejects(runCoroutineThreadsafe(loop, 'bad'), { name: 'RuntimeError', message });
      const remote = attached.runCoroutineThreadsafe('callBack', loop.ref, 'bad');
      await rejects(remote, { name: 'RuntimeError', message });
    }));

  it('what is thrown may be no error', () =>
    withServingThread(async ({ attached }) => {
      const thrown = (value: unknown) =>
        attached.runCoroutineThreadsafe('throwIt', value).then(null, (reason) => reason);
      deepEqual([await thrown('text'), await thrown(5), await thrown(null)], ['text', 5, null]);
      ok((await thrown({ a: 1 })) instanceof RuntimeError);
      ok((await thrown(undefined)) instanceof RuntimeError);
    }));

  it('a name that is not exposed is an error that says what is', () =>
    withServingThread(async ({ attached, reports }) => {
      const message = /exposes no 'nope'; it exposes 'note', 'seen'/;
      await rejects(attached.runCoroutineThreadsafe('nope'), { name: 'RuntimeError', message });
      attached.callSoonThreadsafe('nope', 1);
      await attached.runCoroutineThreadsafe('nothing');
      equal(reports.length, 1);
      equal(reports[0]?.message, "Exception in call of 'nope' in another thread's event loop");
      ok(message.test(String(reports[0]?.exception)));
    }));

  it('refuses what no other thread may do with a loop', () =>
    withServingThread(async ({ attached }) => {
      const loop = attached as unknown as EventLoop;
      const wrong = {
        name: 'RuntimeError',
        message: 'Non-thread-safe operation invoked on an event loop other than the current one',
      };
      throws(() => loop.callSoon(() => {}), wrong);
      throws(() => loop.callLater(1, () => {}), wrong);
      throws(() => loop.callAt(1, () => {}), wrong);
      throws(() => loop.createTask(async () => {}), wrong);
      throws(() => loop.stop(), wrong);
      throws(() => loop.close(), wrong);
      throws(() => loop.createServer(() => ({}) as never), wrong);
      throws(() => loop.slowCallbackDuration, wrong);
      throws(() => loop.expose('name', () => {}), wrong);
      equal(
        String(attached),
        `<AttachedLoop ${attached.ref.uvioLoop} of thread ${attached.ref.threadId}>`,
      );
      ok(attached instanceof AttachedLoop);
    }));

  it('a task that is cancelled in its own thread cancels the caller’s future', () =>
    withServingThread(async ({ attached }) => {
      const future = attached.runCoroutineThreadsafe('cancelItself');
      const error = await future.then(null, (reason) => reason);
      ok(error instanceof CancelledError && future.cancelled());
      equal(error.message, 'from inside');
    }));
});
