/**
 * Where objects were made: in their reprs, in the reports of errors, and nowhere when nobody wants it.
 */

import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict';
import { creationOf } from '../../src/core/creation.js';
import {
  type EventLoop,
  type ExceptionContext,
  Future,
  newEventLoop,
  Protocol,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { mainErrors } from './debug_programs.js';

const HERE = /creation_stacks\.test\.[jt]s/;

describe('where something was made', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let reports: ExceptionContext[];
  beforeEach(() => {
    loop = newEventLoop();
    loop.setDebug(true);
    reports = [];
    loop.setExceptionHandler((_loop, context) => reports.push(context));
  });
  afterEach(() => loop.close());

  it('is the innermost frame of the program, and ten frames at most', () => {
    const nest = (depth: number): Future => (depth === 0 ? loop.createFuture() : nest(depth - 1));
    const future = nest(30);
    const frames = creationOf(future) ?? [];
    equal(frames.length, 10);
    ok(frames.every(({ fileName }) => HERE.test(fileName)));
    equal(frames[0]?.functionName, 'nest');
    future.cancel();
  });

  it('of what then() returns is where then was asked for, though a lookup of then came between', () => {
    loop.setDebug(true);
    const future = loop.createFuture();
    const other = loop.createFuture();
    function asks(): Future {
      const { then } = future;
      other.then();
      return then.call(future) as Future;
    }
    const [derived, caught] = [asks(), other.catch(() => {})];
    equal(creationOf(derived)?.[0]?.functionName, 'asks');
    match(String(caught), / created at \S*creation_stacks\.test\.[jt]s:\d+>$/);
    for (const one of [future, other]) one.cancel();
    for (const one of [derived, caught]) one.cancel();
  });

  it('is in the reprs of futures, tasks, handles and timers', () => {
    const at = / created at \S*creation_stacks\.test\.[jt]s:\d+>$/;
    const future = loop.createFuture();
    match(String(future), at);
    match(String(future), /^<Future pending created at /);
    const task = loop.createTask(async function work() {}, { name: 'one' });
    match(String(task), at);
    match(String(task), /^<Task pending name='one' coro=<work\(\)> created at /);
    const handle = loop.callSoon(function soon(..._words: unknown[]) {}, 1, 'two');
    match(String(handle), at);
    match(String(handle), /^<Handle soon\(1, 'two'\) created at /);
    const timer = loop.callAt(0, function later() {});
    match(String(timer), /^<TimerHandle when=0 later\(\) created at /);
    timer.cancel();
    match(String(timer), /^<TimerHandle cancelled when=0 later\(\) created at /);
    future.addDoneCallback(function first() {});
    match(String(future), /^<Future pending cb=\[first\(\)\] created at /);
    future.addDoneCallback(function second() {});
    future.addDoneCallback(function third() {});
    match(String(future), /cb=\[first\(\), <1 more>, third\(\)\]/);
    task.cancel();
    handle.cancel();
    future.cancel();
  });

  it('is with an error in a callback, for the handler and in the log', async () => {
    loop.callSoon(function boom() {
      throw new Error('boom');
    });
    await new Promise<void>((resolve) => loop.callSoon(resolve));
    equal(reports[0]?.message, 'Exception in callback boom()');
    match(reports[0]?.sourceTraceback?.[0]?.fileName ?? '', HERE);
    const errors = await mainErrors(`
      loop.callSoon(function boom() { throw new Error('boom'); });
      loop.callSoon(function tells() { loop.callExceptionHandler({ message: 'by hand' }); });
      await sleep(1);`);
    match(errors, /^Exception in callback boom\(\)\nhandle: <Handle boom\(\) created at \S+>\n/);
    match(
      errors,
      /\nsource_traceback: Object created at \(most recent call last\):\n {2}at main \(/,
    );
    match(
      errors,
      /by hand\nhandle_traceback: Handle created at \(most recent call last\):\n {2}at main/,
    );
  });

  it('is with an exception that was never retrieved', () => {
    loop.createFuture().setException(new Error('lost'));
    loop.close();
    equal(reports[0]?.message, 'Future exception was never retrieved');
    match(String(reports[0]?.future), /^<Future finished exception=Error\('lost'\) created at /);
    match(reports[0]?.sourceTraceback?.[0]?.fileName ?? '', HERE);
  });

  it('is with a task that is pending when its loop closes', () => {
    const task = loop.createTask(async () => await new Future());
    loop.close();
    deepEqual([reports.length, reports[0]?.message], [1, 'Task was destroyed but it is pending!']);
    equal(reports[0]?.task, task);
    match(reports[0]?.sourceTraceback?.[0]?.fileName ?? '', HERE);
  });

  it('does not matter for tasks of the library, which no closing loop reports', async () => {
    const server = await loop.createServer(() => new Protocol(), '127.0.0.1', 0);
    void server.serveForever();
    void loop.createConnection(() => new Protocol(), '127.0.0.1', 1);
    loop.close();
    deepEqual(reports, []);
  });

  it('is not taken outside of debug mode', async () => {
    loop.setDebug(false);
    const future = loop.createFuture();
    const handle = loop.callSoon(function soon(..._words: unknown[]) {}, 1);
    deepEqual([creationOf(future), creationOf(handle)], [undefined, undefined]);
    deepEqual([String(future), String(handle)], ['<Future pending>', '<Handle soon()>']);
    const errors = await mainErrors(
      `loop.callSoon(function boom() { throw new Error('boom'); });
       await sleep(1);`,
      { debug: 'false' },
    );
    match(errors, /^Exception in callback boom\(\)\nhandle: <Handle boom\(\)>\nError: boom/);
    doesNotMatch(errors, /traceback|created/);
  });

  it('respects source maps', () => {
    const own = creationOf(loop.createFuture())?.[0];
    match(own?.fileName ?? '', /creation_stacks\.test\.ts$/);
  });
});
