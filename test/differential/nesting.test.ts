/**
 * await against CPython: of coroutines and of tasks, and of the task itself.
 *
 * Each test is the twin of the function of that name in scenarios/nesting.py.
 */

import {
  coroutine,
  createTask,
  currentTask,
  ensureFuture,
  Future,
  isFuture,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { Boom, kind, theme } from './stage.js';

const refusal = (error: unknown) => `${kind(error)} ${(error as Error).message.split(':')[0]}`;

describe('awaiting coroutines and tasks, as in asyncio', () => {
  leavesNothingOpen();
  const { sameTask } = theme('nesting');

  sameTask(
    'awaiting a coroutine does not give way',
    'nested_coroutines',
    async ({ loop, log }) => {
      const inner = coroutine(async () => {
        log('inner');
        return 1;
      });
      const middle = async () => {
        log('middle');
        const value = await inner();
        log('middle goes on');
        return value + 1;
      };
      loop.callSoon(log, 'callback');
      log(await middle());
      log(await middle());
      await sleep(0);
    },
    function* ({ loop, log }) {
      // biome-ignore lint/correctness/useYield: a generator that does not wait
      const inner = coroutine(function* () {
        log('inner');
        return 1;
      });
      const middle = coroutine(function* () {
        log('middle');
        const value = yield* inner();
        log('middle goes on');
        return value + 1;
      });
      loop.callSoon(log, 'callback');
      log(yield* middle());
      log(yield* middle());
      yield* sleep(0);
    },
  );

  sameTask(
    'a coroutine that waits suspends the whole task',
    'nested_with_waits',
    async ({ loop, log }) => {
      const inner = async (name: string) => {
        log(name);
        await sleep(0);
        log(name, 'goes on');
        return name;
      };
      const outer = async () => (await inner('a')) + (await inner('b'));
      loop.callSoon(log, 'callback');
      log(await outer());
    },
    function* ({ loop, log }) {
      const inner = coroutine(function* (name: string) {
        log(name);
        yield* sleep(0);
        log(name, 'goes on');
        return name;
      });
      const outer = coroutine(function* () {
        return (yield* inner('a')) + (yield* inner('b'));
      });
      loop.callSoon(log, 'callback');
      log(yield* outer());
    },
  );

  sameTask(
    'a finally may wait while an error is on its way',
    'nested_errors',
    async ({ log, outcome }) => {
      const middle = async () => {
        try {
          await sleep(0);
          throw new Boom('inner');
        } finally {
          log('finally');
          await sleep(0);
          log('finally goes on');
        }
      };
      await outcome('await', middle());
    },
    function* ({ log, outcomeOf }) {
      const middle = coroutine(function* () {
        try {
          yield* sleep(0);
          throw new Boom('inner');
        } finally {
          log('finally');
          yield* sleep(0);
          log('finally goes on');
        }
      });
      yield* outcomeOf('await', middle());
    },
  );

  sameTask('tasks may await one task', 'awaits_task', async ({ log, logs }) => {
    const task = createTask(async () => {
      log('child');
      await sleep(0);
      return 'result';
    });
    const parent = (name: string) => createTask(async () => log(name, await task));
    const parents = [...'ab'].map(parent);
    task.addDoneCallback(logs('callback'));
    for (const one of parents) await one;
  });

  sameTask('a failed task fails all who await it', 'awaits_failed_task', async ({ outcome }) => {
    const task = createTask(async () => {
      throw new Boom('child');
    });
    const parents = [...'ab'].map((name) => createTask(() => outcome(name, task)));
    for (const one of parents) await one;
  });

  sameTask(
    'a task cannot await itself (task_awaits_on_itself)',
    'awaits_itself',
    async ({ log }) => {
      const work = async () => {
        await Promise.resolve(currentTask()).catch((error) => log(refusal(error)));
        return 'goes on';
      };
      log(await createTask(work));
    },
    function* ({ log }) {
      const work = function* () {
        try {
          yield currentTask();
        } catch (error) {
          log(refusal(error));
        }
        return 'goes on';
      };
      log(yield* createTask(work));
    },
  );

  sameTask('a task that awaits itself fails', 'awaits_itself_uncaught', async ({ log }) => {
    const task = createTask(async () => {
      await currentTask();
    });
    await task.catch((error) => log(refusal(error)));
    log(task.done(), task.cancelled());
  });

  sameTask(
    'ensureFuture() keeps futures and wraps coroutines',
    'ensure_future',
    async ({ log }) => {
      const future = new Future();
      log(ensureFuture(future) === future);
      const work = coroutine(async () => {
        log('works');
        return 'result';
      });
      const task = ensureFuture(work());
      log(isFuture(task), isFuture(future), isFuture(work));
      log(await task);
    },
  );

  sameTask(
    'two tasks play ping-pong',
    'two_tasks_and_callbacks',
    async ({ log }) => {
      const [one, two] = [new Future<string>(), new Future<string>()];
      const ping = createTask(async () => {
        log('ping waits');
        log('ping got', await one);
        two.setResult('pong');
        log('ping ends');
      });
      const pong = createTask(async () => {
        log('pong sets');
        one.setResult('ping');
        log('pong got', await two);
      });
      await ping;
      await pong;
    },
    function* ({ log }) {
      const [one, two] = [new Future<string>(), new Future<string>()];
      const ping = createTask(function* () {
        log('ping waits');
        log('ping got', yield* one);
        two.setResult('pong');
        log('ping ends');
      });
      const pong = createTask(function* () {
        log('pong sets');
        one.setResult('ping');
        log('pong got', yield* two);
      });
      yield* ping;
      yield* pong;
    },
  );
});
