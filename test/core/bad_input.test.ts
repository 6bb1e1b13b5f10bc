/**
 * Every public function of core, loop, sync and high, given what it does not take: a TypeError or
 * RangeError at the call, which names the argument, shows the value, and carries Node's code.
 */

import { equal, ok } from 'node:assert/strict';
import {
  allTasks,
  coroutine,
  createTask,
  currentTask,
  type EventLoop,
  ensureFuture,
  Future,
  gather,
  logger,
  newEventLoop,
  Runner,
  run,
  setEventLoop,
  setLogger,
  sleep,
  Task,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

// biome-ignore lint/suspicious/noExplicitAny: wrong types are the point
type Any = any;

describe('wrong arguments', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let future: Future;
  beforeEach(() => {
    loop = newEventLoop();
    setEventLoop(loop);
    future = loop.createFuture();
  });
  afterEach(() => {
    setEventLoop(null);
    loop.close();
  });

  async function refused(
    call: () => unknown,
    name: 'TypeError' | 'RangeError',
    argument: string,
    shown: string,
  ): Promise<void> {
    let error: Any;
    try {
      const result = call();
      if (result instanceof Promise) await result;
    } catch (thrown) {
      error = thrown;
    }
    ok(error instanceof Error, `${call} was accepted`);
    equal(error.name, name, `${call}: ${error}`);
    ok(error.message.startsWith(`${argument} must be `), error.message);
    ok(error.message.endsWith(`, got ${shown}`), error.message);
    const code = name === 'TypeError' ? 'ERR_INVALID_ARG_TYPE' : 'ERR_OUT_OF_RANGE';
    equal((error as Any).code, code);
  }

  const wrong = 'text' as Any;
  const cases: Record<string, [() => unknown, 'TypeError' | 'RangeError', string, string][]> = {
    'callSoon()': [
      [() => loop.callSoon(wrong), 'TypeError', 'callback', "'text'"],
      [() => loop.callSoon(undefined as Any), 'TypeError', 'callback', 'undefined'],
    ],
    'callLater()': [
      [() => loop.callLater(wrong, () => {}), 'TypeError', 'delay', "'text'"],
      [() => loop.callLater(Number.NaN, () => {}), 'RangeError', 'delay', 'NaN'],
      [() => loop.callLater(5n as Any, () => {}), 'TypeError', 'delay', '5n'],
      [() => loop.callLater(1, null as Any), 'TypeError', 'callback', 'null'],
    ],
    'callAt()': [
      [() => loop.callAt(null as Any, () => {}), 'TypeError', 'when', 'null'],
      [() => loop.callAt(Number.NaN, () => {}), 'RangeError', 'when', 'NaN'],
      [() => loop.callAt(1, {} as Any), 'TypeError', 'callback', '{}'],
    ],
    'setExceptionHandler()': [
      [() => loop.setExceptionHandler(wrong), 'TypeError', 'handler', "'text'"],
      [() => loop.setExceptionHandler(undefined as Any), 'TypeError', 'handler', 'undefined'],
    ],
    'callExceptionHandler()': [
      [() => loop.callExceptionHandler(undefined as Any), 'TypeError', 'context', 'undefined'],
      [() => loop.callExceptionHandler(wrong), 'TypeError', 'context', "'text'"],
    ],
    'setDebug()': [[() => loop.setDebug(wrong), 'TypeError', 'enabled', "'text'"]],
    'setEventLoop()': [
      [() => setEventLoop(wrong), 'TypeError', 'loop', "'text'"],
      [() => setEventLoop(undefined as Any), 'TypeError', 'loop', 'undefined'],
    ],
    'new Future()': [
      [() => new Future(wrong), 'TypeError', 'options', "'text'"],
      [() => new Future({ loop: wrong }), 'TypeError', 'loop', "'text'"],
      [() => new Future({ loop: null as Any }), 'TypeError', 'loop', 'null'],
    ],
    'setException()': [
      [() => future.setException(undefined), 'TypeError', 'exception', 'undefined'],
      [() => future.setException(null), 'TypeError', 'exception', 'null'],
    ],
    'addDoneCallback()': [
      [() => future.addDoneCallback(wrong), 'TypeError', 'callback', "'text'"],
      [() => future.addDoneCallback(() => {}, wrong), 'TypeError', 'options', "'text'"],
      [
        () => future.addDoneCallback(() => {}, { context: wrong }),
        'TypeError',
        'context',
        "'text'",
      ],
    ],
    'removeDoneCallback()': [
      [() => future.removeDoneCallback(wrong), 'TypeError', 'callback', "'text'"],
    ],
    'createTask()': [
      [() => createTask(wrong), 'TypeError', 'coro', "'text'"],
      [() => loop.createTask([] as Any), 'TypeError', 'coro', '[]'],
      [() => new Task(undefined as Any), 'TypeError', 'coro', 'undefined'],
      [() => loop.createTask(() => 1, wrong), 'TypeError', 'options', "'text'"],
      [() => loop.createTask(() => 1, { context: wrong }), 'TypeError', 'context', "'text'"],
      [() => loop.createTask(() => 1, { eagerStart: 1 as Any }), 'TypeError', 'eagerStart', '1'],
      [() => createTask(() => 1, { loop: {} as Any }), 'TypeError', 'loop', '{}'],
    ],
    'ensureFuture()': [
      [() => ensureFuture(wrong, { loop }), 'TypeError', 'awaitable', "'text'"],
      [() => ensureFuture(null as Any), 'TypeError', 'awaitable', 'null'],
    ],
    'currentTask() and allTasks()': [
      [() => currentTask(wrong), 'TypeError', 'loop', "'text'"],
      [() => allTasks(wrong), 'TypeError', 'loop', "'text'"],
    ],
    'coroutine()': [[() => coroutine(wrong), 'TypeError', 'fn', "'text'"]],
    'sleep()': [
      [() => sleep(wrong), 'TypeError', 'delay', "'text'"],
      [() => sleep(undefined as Any), 'TypeError', 'delay', 'undefined'],
      [() => sleep(Number.NaN), 'RangeError', 'delay', 'NaN'],
      [() => sleep(1, 1, wrong), 'TypeError', 'options', "'text'"],
      [() => sleep(1, 1, { signal: wrong }), 'TypeError', 'signal', "'text'"],
      [() => sleep(0, 1, { signal: wrong }), 'TypeError', 'signal', "'text'"],
    ],
    'gather()': [
      [() => gather(wrong), 'TypeError', 'awaitables', "'text'"],
      [() => gather([future, 5 as Any]), 'TypeError', 'awaitables[1]', '5'],
      [() => gather([], wrong), 'TypeError', 'options', "'text'"],
      [() => gather([], { returnExceptions: wrong }), 'TypeError', 'returnExceptions', "'text'"],
      [() => gather([future], { signal: wrong }), 'TypeError', 'signal', "'text'"],
    ],
    'runUntilComplete()': [
      [() => loop.runUntilComplete(wrong), 'TypeError', 'awaitable', "'text'"],
    ],
    'run()': [
      [() => run(wrong), 'TypeError', 'coro', "'text'"],
      [() => run(async () => {}, wrong), 'TypeError', 'options', "'text'"],
      [() => run(async () => {}, { debug: wrong }), 'TypeError', 'debug', "'text'"],
      [() => run(async () => {}, { signals: 1 as Any }), 'TypeError', 'signals', '1'],
      [() => run(async () => {}, { loopFactory: {} as Any }), 'TypeError', 'loopFactory', '{}'],
    ],
    'Runner()': [
      [() => new Runner(wrong), 'TypeError', 'options', "'text'"],
      [() => new Runner({ debug: wrong }), 'TypeError', 'debug', "'text'"],
      [() => new Runner({ signals: 1 as Any }), 'TypeError', 'signals', '1'],
      [() => new Runner({ loopFactory: {} as Any }), 'TypeError', 'loopFactory', '{}'],
      [() => new Runner().run(async () => {}, wrong), 'TypeError', 'options', "'text'"],
    ],
    'the logger': [
      [() => setLogger(wrong), 'TypeError', 'logger', "'text'"],
      [() => setLogger(null as Any), 'TypeError', 'logger', 'null'],
      [
        () => {
          logger.level = 'loud' as Any;
        },
        'TypeError',
        'level',
        "'loud'",
      ],
    ],
  };

  for (const [subject, calls] of Object.entries(cases)) {
    for (const [call, name, argument, shown] of calls) {
      it(`${subject} refuses ${shown} for ${argument}`, async () => {
        try {
          await refused(call, name, argument, shown);
        } finally {
          // A call that was accepted may have begun something.
          if (!future.done()) future.cancel();
        }
      });
    }
  }

  it('createTask() refuses a promise and says what to do', () => {
    try {
      loop.createTask(Promise.resolve(1) as Any);
      ok(false);
    } catch (error) {
      equal((error as Error).name, 'TypeError');
      ok((error as Error).message.includes('a promise has started already: pass () => …'));
    }
  });

  it('an options object that is null is refused', () =>
    refused(() => sleep(1, 1, null as Any), 'TypeError', 'options', 'null'));

  it('a long value is shown in part', async () => {
    const long = 'x'.repeat(500);
    let message = '';
    try {
      sleep(long as Any);
    } catch (error) {
      message = (error as Error).message;
    }
    ok(message.startsWith('delay must be a number, got '));
    ok(message.length < 150, message);
  });

  it('what is refused has scheduled nothing', async () => {
    const before = loop.metrics()?.turns;
    for (const call of [() => loop.callSoon(wrong), () => loop.callLater(wrong, () => {})]) {
      try {
        call();
      } catch {}
    }
    await new Promise((turn) => setImmediate(turn));
    equal(loop.metrics()?.turns, before);
  });
});
