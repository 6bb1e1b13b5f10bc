/**
 * Cancelling gather() against CPython: the whole, and tasks that wait for it.
 *
 * Each test is the twin of the function of that name in scenarios/gather_cancelling.py; the members
 * come as async functions and as generators.
 */

import { createTask, gather, sleep } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { type Members, membersOf } from './members.js';
import { Boom, type Stage, theme } from './stage.js';

describe('cancelling gather(), as in asyncio', () => {
  leavesNothingOpen();
  const { sameTask } = theme('gather_cancelling');
  const same = (
    title: string,
    name: string,
    main: (stage: Stage, members: Members) => Promise<void>,
  ) => {
    sameTask(title, name, (stage) => main(stage, membersOf(stage, false)));
    sameTask(`${title} (generators)`, name, (stage) => main(stage, membersOf(stage, true)));
  };

  same('every member is cancelled', 'outer_is_cancelled', async ({ log, outcome }, { waiting }) => {
    const gathered = gather([waiting('a'), waiting('b')]);
    await sleep(0);
    log(gathered.cancel(), gathered.done());
    await outcome('gather', gathered);
    log(gathered.cancelled(), gathered.cancel());
  });

  same(
    'with returnExceptions the whole is cancelled when every member has ended',
    'outer_is_cancelled_with_return_exceptions',
    async ({ log, outcome }, { waiting }) => {
      const gathered = gather([waiting('a'), waiting('b')], { returnExceptions: true });
      await sleep(0);
      log(gathered.cancel('all'));
      await outcome('gather', gathered);
    },
  );

  same(
    'members that have not started never run',
    'outer_is_cancelled_before_the_first_step',
    async ({ outcome }, { work }) => {
      const gathered = gather([work('a', 0), work('b', 0)]);
      gathered.cancel();
      await outcome('gather', gathered);
    },
  );

  same(
    'members that are done stay done',
    'outer_is_cancelled_when_one_is_done',
    async ({ outcome }, { work, waiting }) => {
      const gathered = gather([work('a', 0), waiting('b')]);
      await sleep(0);
      await sleep(0);
      gathered.cancel();
      await outcome('gather', gathered);
    },
  );

  same(
    'the whole is cancelled although its members swallow that',
    'child_swallows',
    async ({ outcome }, { swallowing }) => {
      const gathered = gather([swallowing(), swallowing()]);
      await sleep(0);
      gathered.cancel();
      await outcome('gather', gathered);
    },
  );

  same(
    'a task that waits for the whole cancels the members',
    'task_that_gathers_is_cancelled',
    async ({ log, outcome }, { waiting }) => {
      const task = createTask(async () => {
        try {
          await gather([waiting('a'), waiting('b')]);
        } catch (error) {
          log('main sees', error);
          throw error;
        }
      });
      await sleep(0);
      await sleep(0);
      log(task.cancel());
      await outcome('task', task);
      log(task.cancelled());
    },
  );

  same(
    'members left over by a failure are not cancelled with the task',
    'task_that_gathers_is_cancelled_after_failure',
    async (stage, { work, waiting }) => {
      const task = createTask(async () => {
        await stage.outcome('gather', gather([work('a', 1, new Boom('a')), work('b', 4)]));
        await waiting('main');
      });
      for (let batch = 0; batch < 8; batch++) await sleep(0);
      task.cancel();
      await stage.outcome('task', task);
    },
  );

  same(
    'a gather inside a gather is cancelled with it',
    'nested_cancel',
    async ({ log, outcome }, { waiting }) => {
      const inner = gather([waiting('a'), waiting('b')]);
      const gathered = gather([inner, waiting('c')]);
      await sleep(0);
      gathered.cancel('nested');
      await outcome('gather', gathered);
      log(inner.cancelled(), gathered.cancelled());
    },
  );
});
