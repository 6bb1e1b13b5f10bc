/**
 * Where a task waits, where it failed, and who cancelled it: getStack, printStack, cancelRequests.
 */

import { deepEqual, equal, match, rejects, throws } from 'node:assert/strict';
import { type EventLoop, Future, newEventLoop, sleep } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { paper } from './paper.js';

describe('the stack of a task', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  beforeEach(() => {
    loop = newEventLoop();
    loop.setDebug(true);
  });
  afterEach(() => loop.close());

  it('that failed is that of its exception, which stays unretrieved', async () => {
    const reports: unknown[] = [];
    loop.setExceptionHandler((_loop, context) => reports.push(context.message));
    const task = loop.createTask(async function fails() {
      throw new Error('no luck');
    });
    await loop.runUntilComplete(() => sleep(0));
    equal(task.getStack().at(-1)?.functionName, 'fails');
    const file = paper();
    task.printStack({ file });
    match(
      file.text,
      /^Traceback for <Task finished name='Task-\d+' coro=<fails\(\) done> exception=/,
    );
    match(file.text, /\nError: no luck\n$/);
    loop.close();
    deepEqual(reports, ['Task exception was never retrieved']);
  });

  it('that waits is where it waits; limit takes the newest frames', async () => {
    async function inside() {
      await new Future();
    }
    const task = loop.createTask(async function outside() {
      await inside();
    });
    await loop.runUntilComplete(() => sleep(0));
    deepEqual(
      task.getStack({ limit: 1 }).map((frame) => frame.functionName),
      ['inside'],
    );
    const file = paper();
    task.printStack({ file });
    match(file.text, /^Stack for <Task pending .*> \(most recent call last\):\n {2}at outside/);
    task.cancel();
    await rejects(async () => await task);
  });

  it('that ended well is empty', async () => {
    const task = loop.createTask(async () => 1);
    await task;
    deepEqual(task.getStack(), []);
    const file = paper();
    task.printStack({ file });
    match(file.text, /^No stack for <Task finished/);
    throws(() => task.getStack({ limit: -1 }), /limit must be an integer/);
  });

  it('who cancelled a task, and from where, is known in debug mode', async () => {
    const victim = loop.createTask(async () => await new Future(), { name: 'victim' });
    const culprit = loop.createTask(async function culprit() {
      victim.cancel('enough');
    });
    await rejects(async () => await victim);
    const [request, ...others] = victim.cancelRequests();
    deepEqual(others, []);
    equal(request?.by, culprit);
    equal(request?.message, 'enough');
    equal(request?.stack[0]?.functionName, 'culprit');
    loop.setDebug(false);
    const other = loop.createTask(async () => await new Future());
    other.cancel();
    await rejects(async () => await other);
    deepEqual(other.cancelRequests(), []);
  });
});
