/**
 * expose(), unexpose(), ref and attach() on their own: what they take and refuse, and what one loop's mailbox costs.
 */

import { deepEqual, equal, match, rejects, throws } from 'node:assert/strict';
import { threadId } from 'node:worker_threads';
import {
  coroutine,
  currentTask,
  EventLoop,
  logger,
  newEventLoop,
  runCoroutineThreadsafe,
  setLogger,
  sleep,
  transfer,
} from '../../src/index.js';
import { withLoop } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';

/** Runs `body` in a task of a loop of its own. */
const inLoop = (body: (loop: EventLoop) => Promise<unknown>) =>
  withLoop(async (loop) => void (await loop.runUntilComplete(() => body(loop))));

describe('a loop for other threads', () => {
  leavesNothingOpen();

  it('has a ref that is plain and stays the same', () =>
    withLoop(async (loop) => {
      deepEqual(loop.ref, loop.ref);
      deepEqual(structuredClone(loop.ref), JSON.parse(JSON.stringify(loop.ref)));
      deepEqual([loop.ref.threadId, loop.ref.pid], [threadId, process.pid]);
    }));

  it('exposes functions one by one or several, the last of a name', () =>
    inLoop(async (loop) => {
      loop.expose('one', () => 1);
      loop.expose({ two: () => 2, three: () => 3 });
      loop.expose('one', () => 'other');
      const call = (name: string) => runCoroutineThreadsafe(loop, name);
      deepEqual([await call('one'), await call('two'), await call('three')], ['other', 2, 3]);
      equal(loop.unexpose('two'), true);
      equal(loop.unexpose('two'), false);
      await rejects(call('two'), {
        message: "the event loop exposes no 'two'; it exposes 'one', 'three'",
      });
      // What objects inherit is not exposed by it.
      await rejects(call('toString'), { name: 'RuntimeError' });
      await rejects(call('__proto__'), { name: 'RuntimeError' });
    }));

  it('runs an async function by callSoonThreadsafe() as a task, and reports what it throws', async () => {
    const reports: string[] = [];
    const loop = newEventLoop();
    loop.setExceptionHandler((_loop, { message, exception, task }) => {
      reports.push(`${message}: ${exception} ${task !== undefined}`);
    });
    const seen: unknown[] = [];
    await loop.runUntilComplete(async () => {
      loop.expose({
        async fails() {
          await sleep(0);
          throw new RangeError('late');
        },
        lazy: coroutine(async (value: unknown) => void seen.push(value, currentTask() !== null)),
        *steps(value: unknown) {
          yield* sleep(0);
          seen.push(value);
        },
        throws() {
          throw new RangeError('soon');
        },
        plain: () => ({ nothing: 'to follow' }),
        end: async () => await sleep(5),
      });
      const attached = EventLoop.attach(loop.ref);
      attached.callSoonThreadsafe('fails');
      attached.callSoonThreadsafe('lazy', 'a coroutine');
      attached.callSoonThreadsafe('steps', 'a generator');
      attached.callSoonThreadsafe('throws');
      attached.callSoonThreadsafe('plain');
      await attached.runCoroutineThreadsafe('end');
    });
    loop.close();
    deepEqual(seen, ['a coroutine', true, 'a generator']);
    deepEqual(reports, [
      'Exception in callback throws(): RangeError: soon false',
      'Exception in callback fails(): RangeError: late true',
    ]);
  });

  it('goes on when what a call returned cannot be made a task, and reports that', async () => {
    const loop = newEventLoop();
    const reports: string[] = [];
    loop.setExceptionHandler((_loop, { message, exception }) => {
      reports.push(`${message}: ${exception}`);
    });
    await loop.runUntilComplete(async () => {
      const called = loop.createFuture<void>();
      loop.expose({ async fails() {}, ends: () => called.setResult() });
      const attached = EventLoop.attach(loop.ref);
      loop.setTaskFactory(() => {
        throw new RangeError('no tasks');
      });
      attached.callSoonThreadsafe('fails');
      attached.callSoonThreadsafe('ends');
      await called;
      loop.setTaskFactory(null);
      await rejects(attached.runCoroutineThreadsafe('nothing'), { name: 'RuntimeError' });
    });
    loop.close();
    deepEqual(reports, ['Exception in callback fails(): RangeError: no tasks']);
  });

  it('runs generators and coroutines as tasks for runCoroutineThreadsafe()', () =>
    inLoop(async (loop) => {
      loop.expose({
        lazy: coroutine(async (value: number) => value + 1),
        *steps(value: number) {
          yield* sleep(0);
          return value + 2;
        },
      });
      equal(await runCoroutineThreadsafe(loop, 'lazy', 1), 2);
      equal(await runCoroutineThreadsafe(loop, 'steps', 1), 3);
    }));

  it('refuses what is no function', () =>
    withLoop(async (loop) => {
      const refused = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
      throws(() => loop.expose('name', 5 as never), refused);
      throws(() => loop.expose('name', undefined as never), refused);
      throws(() => loop.expose(5 as never), refused);
      throws(() => loop.expose(null as never), refused);
      throws(() => loop.expose({ one: () => {}, two: 2 as never }), refused);
      throws(() => loop.callSoonThreadsafe('name' as never), refused);
    }));

  it('attach() refuses what is no ref, and no signal', () =>
    inLoop(async (loop) => {
      const refused = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
      for (const wrong of [undefined, null, 5, 'ref', {}, { uvioLoop: '1', threadId: 0, pid: 1 }]) {
        throws(() => EventLoop.attach(wrong as never), refused);
      }
      throws(() => EventLoop.attach(loop as never), refused);
      throws(() => EventLoop.attach(loop.ref, { signal: 5 as never }), refused);
      throws(() => EventLoop.attach(loop.ref, 5 as never), refused);
      const attached = EventLoop.attach(loop.ref);
      throws(() => attached.callSoonThreadsafe(5 as never), refused);
      throws(() => attached.runCoroutineThreadsafe(undefined as never), refused);
      throws(() => runCoroutineThreadsafe({} as never, 'name'), refused);
      throws(() => transfer(1, 5 as never), refused);
    }));

  it('a closed one exposes nothing', () =>
    withLoop(async (loop) => {
      loop.close();
      const closed = { name: 'RuntimeError', message: 'Event loop is closed' };
      throws(() => loop.expose('name', () => {}), closed);
      throws(() => loop.ref, closed);
      throws(() => loop.callSoonThreadsafe(() => {}), closed);
    }));

  it('counts its mailbox among its handles once it has one', () =>
    withLoop(async (loop) => {
      loop.expose('name', () => {});
      equal(loop.metrics()?.handles.async, undefined);
      loop.ref;
      equal(loop.metrics()?.handles.async, 1);
    }));

  it('shows in debug mode which call was slow', () =>
    inLoop(async (loop) => {
      const lines: string[] = [];
      const warn = (line: string) => void lines.push(line);
      setLogger({ debug() {}, info() {}, warn, error() {} });
      try {
        loop.setDebug({ slowCallbacks: 5 });
        loop.expose('slow', () => {
          const end = performance.now() + 6;
          while (performance.now() < end);
        });
        loop.expose('fast', () => {});
        const attached = EventLoop.attach(loop.ref);
        attached.callSoonThreadsafe('slow');
        await attached.runCoroutineThreadsafe('fast');
      } finally {
        setLogger(logger);
      }
      match(lines.join(), /Executing <call of 'slow' by another thread> took 0\.\d+ seconds/);
    }));
});
