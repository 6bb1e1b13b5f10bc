/**
 * gather() against CPython: order, failures, members of every kind.
 *
 * Each test is the twin of the function of that name in scenarios/gathering.py; the members come as
 * async functions and as generators.
 */

import { createTask, Future, gather, sleep } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { type Members, membersOf } from './members.js';
import { Boom, type Stage, theme } from './stage.js';

describe('gather(), as in asyncio', () => {
  leavesNothingOpen();
  const { sameTask } = theme('gathering');
  const same = (
    title: string,
    name: string,
    main: (stage: Stage, members: Members) => Promise<void>,
  ) => {
    sameTask(title, name, (stage) => main(stage, membersOf(stage, false)));
    sameTask(`${title} (generators)`, name, (stage) => main(stage, membersOf(stage, true)));
  };

  same('results keep the order of the arguments', 'order', async ({ log }, { work }) => {
    log(await gather([work('a', 3), work('b', 1), work('c', 2)]));
  });

  same('nothing gives an empty list', 'empty', async ({ log }) => {
    const gathered = gather([]);
    log(await gathered);
    log(gathered.done());
  });

  same('gathering nothing does not give way', 'empty_is_not_immediate', async ({ loop, log }) => {
    loop.callSoon(log, 'callback');
    const gathered = gather([]);
    log('made');
    log(await gathered);
    await sleep(0);
  });

  same(
    'gather() starts no coroutine by itself',
    'starts_nothing_before_the_loop',
    async ({ log }, { work }) => {
      const gathered = gather([work('a', 0), work('b', 0)]);
      log('gathered', gathered.done());
      log(await gathered);
    },
  );

  same(
    'the first failure is passed on and the others go on',
    'first_exception',
    async ({ log, outcome }, { work }) => {
      await outcome(
        'gather',
        gather([work('a', 3), work('b', 1, new Boom('b')), work('c', 2, new Boom('c'))]),
      );
      for (let batch = 0; batch < 3; batch++) await sleep(0);
      log('end');
    },
  );

  same(
    'with returnExceptions failures are results',
    'return_exceptions',
    async ({ log }, { work }) => {
      const members = [work('a', 2), work('b', 1, new Boom('b')), work('c', 0, new Boom('c'))];
      log(await gather(members, { returnExceptions: true }));
    },
  );

  same(
    'a member that is cancelled fails the whole, which is not cancelled by that',
    'child_is_cancelled',
    async ({ log, outcome }, { work, waiting }) => {
      const child = createTask(waiting('wait'));
      const other = createTask(work('other', 3));
      const gathered = gather([child, other]);
      await sleep(0);
      child.cancel('child');
      await outcome('gather', gathered);
      log(gathered.done(), gathered.cancelled(), other.done());
      await other;
    },
  );

  same(
    'with returnExceptions a cancellation of a member is a result',
    'child_is_cancelled_with_return_exceptions',
    async ({ outcome }, { work, waiting }) => {
      const child = createTask(waiting('wait'));
      const gathered = gather([child, work('other', 2)], { returnExceptions: true });
      await sleep(0);
      child.cancel();
      await outcome('gather', gathered);
    },
  );

  same('a member given twice runs once', 'duplicates', async ({ loop, log }, { work }) => {
    const coroutine = work('a', 1);
    const future = new Future<string>();
    loop.callSoon(() => future.setResult('set'));
    log(await gather([coroutine, future, coroutine, future]));
  });

  same('members may be done already', 'finished_members', async ({ log, outcome }) => {
    const done = new Future<string>();
    done.setResult('done');
    const failed = new Future<string>();
    failed.setException(new Boom('failed'));
    log(await gather([done, done]));
    await outcome('gather', gather([done, failed]));
    log(await gather([done, failed], { returnExceptions: true }));
  });

  same(
    'the whole is done one batch behind its last member',
    'done_callbacks',
    async ({ loop, log, logs }, { work }) => {
      const gathered = gather([work('a', 0), work('b', 1)]);
      gathered.addDoneCallback((done) => log('callback', done.result()));
      await sleep(0);
      loop.callSoon(logs('soon'));
      await gathered;
      log('main');
      await sleep(0);
    },
  );

  same('a gather may be gathered', 'nested', async ({ log }, { work }) => {
    const inner = gather([work('a', 1), work('b', 0)]);
    log(await gather([inner, work('c', 0)]));
  });
});
