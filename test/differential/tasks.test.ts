/**
 * Task against CPython: the order of steps, results, the current task.
 *
 * Each test is the twin of the function of that name in scenarios/tasks.py; bodies of tasks are played
 * as async functions and as generators.
 */

import {
  allTasks,
  type CoroutineGenerator,
  createTask,
  currentTask,
  type Future,
  getRunningLoop,
  sleep,
  type Task,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { steps } from './bodies.js';
import { Boom, kind, type Stage, theme } from './stage.js';

describe('tasks, as in asyncio', () => {
  leavesNothingOpen();
  const { same, sameTask } = theme('tasks');

  sameTask('a task is a future of what its body returns', 'result', async ({ log, attempt }) => {
    const task = createTask(() => steps(log, 'a', 0));
    attempt('result', () => task.result());
    log(await task, task.done(), task.cancelled(), task.result(), task.exception());
    log(task.cancel());
  });

  const reportFailure = async ({ log, attempt, outcome }: Stage, task: Task<never>) => {
    log('created');
    await outcome('await', task);
    await outcome('await again', task);
    log(task.done(), task.cancelled(), task.exception());
    attempt('result', () => task.result());
  };

  sameTask("a body's error is thrown at every await of the task", 'failure', (stage) => {
    const fail = async () => {
      stage.log('runs');
      throw new Boom('x');
    };
    return reportFailure(stage, createTask(fail));
  });

  sameTask("a generator's error is thrown at every await of the task", 'failure', (stage) => {
    // biome-ignore lint/correctness/useYield: fails before it waits
    const fail = function* (): CoroutineGenerator<never> {
      stage.log('runs');
      throw new Boom('x');
    };
    return reportFailure(stage, createTask(fail));
  });

  sameTask(
    'an error after a wait ends the task',
    'failure_after_wait',
    async ({ log, outcome }) => {
      const fail = async () => {
        await sleep(0);
        throw new Boom('x');
      };
      const task = createTask(fail);
      task.addDoneCallback((done) => log('callback', done.exception()));
      await outcome('await', task);
    },
    function* ({ log, outcomeOf }) {
      const task = createTask(function* () {
        yield* sleep(0);
        throw new Boom('x');
      });
      task.addDoneCallback((done) => log('callback', done.exception()));
      yield* outcomeOf('await', task);
    },
  );

  sameTask("a task's outcome cannot be set from outside", 'no_set_result', async (stage) => {
    const task: Future<string> = createTask(() => steps(stage.log, 'a', 0));
    const words = (error: unknown) => (error as Error).message.replace(/set[A-Z]/, (set) => set);
    for (const [name, call] of [
      ['set_result', () => task.setResult('1')],
      ['set_exception', () => task.setException(new Boom('x'))],
    ] as const) {
      try {
        call();
      } catch (error) {
        const camel = name.replace(/_r/, 'R').replace(/_e/, 'E');
        stage.log(name, `${kind(error)}(${words(error).replace(camel, name)})`);
      }
    }
    await task;
  });

  sameTask('done callbacks of a task get the task', 'done_callbacks', async ({ log, logs }) => {
    const task: Task = createTask(async () => log('works'));
    task.addDoneCallback(logs('a'));
    task.addDoneCallback((done) => log('b', done === task));
    await task;
    log('main');
    await sleep(0);
  });

  sameTask('the current task is the one whose code runs', 'current_task', async ({ loop, log }) => {
    const main = currentTask();
    const nested = async () => {
      await sleep(0);
      log('nested', currentTask() === main);
    };
    loop.callSoon(() => log('callback', currentTask()));
    loop.callLater(-1000, () => log('timer', currentTask()));
    const task: Task = createTask(async () => {
      log('child', currentTask() === task, currentTask() === main);
      await sleep(0);
      log('child', currentTask() === task);
    });
    task.addDoneCallback(() => log('done callback', currentTask()));
    log('main', currentTask() === main);
    await task;
    log('main', currentTask() === main);
    await nested();
    await sleep(0);
  });

  same('outside any task there is no current one', 'no_current_task', ({ loop, attempt }) => {
    attempt('outside', () => currentTask(getRunningLoop()));
    attempt('outside, with loop', () => currentTask(loop));
  });

  sameTask('allTasks() is what is not done', 'all_tasks', async ({ loop, log }) => {
    const names = () => [...allTasks()].map((task) => task.getName()).sort();
    currentTask()?.setName('main');
    const one = createTask(() => steps(log, 'a', 1), { name: 'one' });
    const two = loop.createTask(() => steps(log, 'b', 2), { name: 'two' });
    log(names());
    await one;
    log(names());
    await two;
    log(names());
  });

  sameTask('a task has a name, always a string', 'names', async ({ log }) => {
    const task = createTask(() => steps(log, 'a', 0), { name: 'mine' });
    log(task.getName());
    task.setName(5 as unknown as string);
    log(`${task.getName()}!`);
    await task;
    log(task.getName());
  });
});
