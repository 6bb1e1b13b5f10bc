/**
 * Every function that waits, given what it does not take: an error at the call that names the argument and
 * shows the value, before anything has begun.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import {
  allTasks,
  asCompleted,
  coroutine,
  createEagerTaskFactory,
  type EventLoop,
  Future,
  newEventLoop,
  run,
  setEventLoop,
  shield,
  TaskGroup,
  Timeout,
  taskGroup,
  timeout,
  timeoutAt,
  wait,
  waitFor,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

// biome-ignore lint/suspicious/noExplicitAny: wrong types are the point
type Any = any;

type Case = [call: () => unknown, error: 'TypeError' | 'RangeError', message: string];

const wrong = 'text' as Any;

describe('wrong arguments of what waits', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let future: Future;
  let began: string[];
  const work = coroutine(async () => void began.push('work'));

  beforeEach(() => {
    loop = newEventLoop();
    setEventLoop(loop);
    future = new Future();
    began = [];
  });
  afterEach(() => {
    setEventLoop(null);
    loop.close();
  });

  const signals = (start: (options: Any) => unknown): Case[] => [
    [() => start(wrong), 'TypeError', "options must be an object, got 'text'"],
    [() => start(null), 'TypeError', 'options must be an object, got null'],
    [() => start({ signal: wrong }), 'TypeError', "signal must be an AbortSignal, got 'text'"],
    [() => start({ signal: null }), 'TypeError', 'signal must be an AbortSignal, got null'],
  ];

  const cases: Record<string, Case[]> = {
    'timeout()': [
      [() => timeout(wrong, () => {}), 'TypeError', "delay must be a number, got 'text'"],
      [
        () => timeout(undefined as Any, () => {}),
        'TypeError',
        'delay must be a number, got undefined',
      ],
      [
        () => timeout(Number.NaN, () => {}),
        'RangeError',
        'delay must be a number other than NaN, got NaN',
      ],
      [() => timeout(1, wrong), 'TypeError', "body must be a function, got 'text'"],
      [
        () => timeout(1, future as Any),
        'TypeError',
        'body must be a function, got <Future pending>',
      ],
    ],
    'timeoutAt()': [
      [() => timeoutAt(wrong, () => {}), 'TypeError', "when must be a number, got 'text'"],
      [() => timeoutAt(1, undefined as Any), 'TypeError', 'body must be a function, got undefined'],
    ],
    Timeout: [
      [() => new Timeout({} as Any), 'TypeError', 'when must be a number, got {}'],
      [() => new Timeout(null).reschedule(wrong), 'TypeError', "when must be a number, got 'text'"],
    ],
    'taskGroup()': [
      [() => taskGroup(wrong), 'TypeError', "body must be a function, got 'text'"],
      [() => taskGroup(undefined as Any), 'TypeError', 'body must be a function, got undefined'],
      [() => new TaskGroup().run(5 as Any), 'TypeError', 'body must be a function, got 5'],
    ],
    'waitFor()': [
      [
        () => waitFor(wrong, 1),
        'TypeError',
        "awaitable must be a future, a coroutine or a promise, got 'text'",
      ],
      [() => waitFor(work(), wrong), 'TypeError', "timeout must be a number, got 'text'"],
      [
        () => waitFor(work(), undefined as Any),
        'TypeError',
        'timeout must be a number, got undefined',
      ],
      [
        () => waitFor(work(), Number.NaN),
        'RangeError',
        'timeout must be a number other than NaN, got NaN',
      ],
      ...signals((options) => waitFor(work(), 1, options)),
    ],
    'wait()': [
      [() => wait(wrong), 'TypeError', "futures must be an iterable of futures, got 'text'"],
      [() => wait(null as Any), 'TypeError', 'futures must be an iterable of futures, got null'],
      [() => wait(5 as Any), 'TypeError', 'futures must be an iterable of futures, got 5'],
      [
        () => wait(future as Any),
        'TypeError',
        'futures must be an iterable of futures, got <Future pending>',
      ],
      [() => wait([]), 'RangeError', 'futures must be one future or more, got []'],
      [
        () => wait([future, 5 as Any]),
        'TypeError',
        'futures[1] must be a future or a task (use createTask() or ensureFuture()), got 5',
      ],
      [
        () => wait([future], { timeout: wrong }),
        'TypeError',
        "timeout must be a number, got 'text'",
      ],
      [
        () => wait([future], { returnWhen: 'SOON' as Any }),
        'RangeError',
        "returnWhen must be FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED, got 'SOON'",
      ],
      ...signals((options) => wait([future], options)),
    ],
    'shield()': [
      [
        () => shield(wrong),
        'TypeError',
        "awaitable must be a future, a coroutine or a promise, got 'text'",
      ],
      [
        () => shield(undefined as Any),
        'TypeError',
        'awaitable must be a future, a coroutine or a promise, got undefined',
      ],
      ...signals((options) => shield(work(), options)),
    ],
    'asCompleted()': [
      [
        () => asCompleted(5 as Any),
        'TypeError',
        'awaitables must be an iterable of awaitables, got 5',
      ],
      [
        () => asCompleted(future as Any),
        'TypeError',
        'awaitables must be an iterable of awaitables, got <Future pending>',
      ],
      [
        () => asCompleted([future, 5 as Any]),
        'TypeError',
        'awaitables[1] must be a future, a coroutine or a promise, got 5',
      ],
      [
        () => asCompleted([work()], { timeout: wrong }),
        'TypeError',
        "timeout must be a number, got 'text'",
      ],
      ...signals((options) => asCompleted([work()], options)),
    ],
    'task factories': [
      [() => loop.setTaskFactory(wrong), 'TypeError', "factory must be a function, got 'text'"],
      [
        () => createEagerTaskFactory(wrong),
        'TypeError',
        "taskClass must be a function, got 'text'",
      ],
      [
        () => {
          loop.setTaskFactory((() => 'no task') as Any);
          loop.createTask(work());
        },
        'TypeError',
        "the result of the task factory must be a Task, got 'no task'",
      ],
    ],
  };

  function refusal(call: () => unknown): Error & { code?: string } {
    try {
      call();
    } catch (error) {
      return error as Error;
    }
    throw new Error(`${call} was accepted`);
  }

  for (const [subject, calls] of Object.entries(cases)) {
    for (const [call, name, message] of calls) {
      it(`${subject}: ${message}`, async () => {
        const error = refusal(call);
        equal(error.name, name);
        equal(error.message, message);
        equal(error.code, name === 'TypeError' ? 'ERR_INVALID_ARG_TYPE' : 'ERR_OUT_OF_RANGE');
        equal(allTasks(loop).size, 0);
        await new Promise((turn) => setImmediate(turn));
        deepEqual(began, []);
      });
    }
  }

  it('createTask() of a group: bad options and bad bodies', () =>
    run(async () => {
      await taskGroup((group) => {
        const options = refusal(() => group.createTask(() => {}, wrong));
        equal(options.message, "options must be an object, got 'text'");
        const body = refusal(() => group.createTask(Promise.resolve() as Any));
        ok(body.message.startsWith('coro must be a function, a coroutine or a generator'));
        equal(`${group}`, '<TaskGroup entered>');
      });
    }));
});
