/**
 * mapProcesses(): many calls, so many at a time.
 *
 * Guards: results and errors come in the order of the items, never more calls are under way than asked for, and
 * none is left when it ends.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import {
  CalledProcessError,
  CancelledError,
  createTask,
  ExceptionGroup,
  mapProcesses,
  runProcess,
  sleep,
} from 'uvio';
import { startsPrograms } from '../io/process_peers.js';
import { leavesNothingOpen } from '../support.js';
import { inTask } from './stream_support.js';

describe('mapProcesses()', () => {
  startsPrograms();
  leavesNothingOpen();

  it('runs programs, and gives what they wrote in the order of the items', () =>
    inTask(async () => {
      const words = ['one', 'two', 'three', 'four', 'five'];
      const echo = async (word: string, index: number) => {
        const { stdout } = await runProcess('echo', [word, String(index)], { encoding: 'utf8' });
        return stdout;
      };
      deepEqual(
        await mapProcesses(words, echo, { concurrency: 3 }),
        words.map((word, index) => `${word} ${index}\n`),
      );
      deepEqual(await mapProcesses([], echo), []);
    }));

  it('never has more calls under way than asked for, and takes items only as there is room', () =>
    inTask(async () => {
      let running = 0;
      let most = 0;
      let taken = 0;
      function* items() {
        for (; taken < 100; taken++) yield taken;
      }
      const work = async (item: number) => {
        most = Math.max(most, ++running);
        ok(taken - item <= 5);
        await sleep(0);
        running--;
        return item;
      };
      equal((await mapProcesses(items(), work, { concurrency: 4 })).length, 100);
      equal(most, 4);
    }));

  it('takes async iterables', () =>
    inTask(async () => {
      async function* items() {
        for (let item = 0; item < 5; item++) {
          await sleep(1);
          yield item;
        }
      }
      deepEqual(await mapProcesses(items(), (item) => item * 2), [0, 2, 4, 6, 8]);
    }));

  it('goes on when calls fail, and collects their errors', () =>
    inTask(async () => {
      let ended = 0;
      const work = async (code: number) => {
        const exit = runProcess('sh', ['-c', `exit ${code}`]);
        await exit.finally(() => {
          ended++;
        });
      };
      const error = await mapProcesses([0, 3, 0, 5, 0], work, { concurrency: 2 }).catch(
        (reason) => reason,
      );
      ok(error instanceof ExceptionGroup);
      ok(error.exceptions.every((one) => one instanceof CalledProcessError));
      deepEqual(
        (error.exceptions as CalledProcessError[]).map(({ returncode }) => returncode),
        [3, 5],
      );
      equal(ended, 5);
    }));

  it('stops at the first error when asked to, and ends the other programs', () =>
    inTask(async () => {
      const started: number[] = [];
      const work = async (item: number) => {
        started.push(item);
        await runProcess('sh', ['-c', item === 1 ? 'exit 3' : 'exec sleep 60']);
      };
      const options = { concurrency: 2, stopOnError: true };
      const error = await mapProcesses([0, 1, 2, 3, 4], work, options).catch((reason) => reason);
      ok(error instanceof ExceptionGroup);
      equal(error.exceptions.length, 1);
      ok(!started.includes(4));
    }));

  it('cancelling it ends the programs', () =>
    inTask(async () => {
      let ended = 0;
      const work = async () => {
        try {
          await runProcess('sleep', ['60']);
        } finally {
          ended++;
        }
      };
      for (const how of ['cancel', 'signal'] as const) {
        const controller = new AbortController();
        const { signal } = controller;
        const mapping = mapProcesses([1, 2, 3], work, { concurrency: 2, signal });
        await sleep(20);
        if (how === 'cancel') mapping.cancel();
        else controller.abort();
        await rejects(Promise.resolve(mapping), CancelledError);
      }
      equal(ended, 4);
    }));

  it('a call that is cancelled by others is an error like any', () =>
    inTask(async () => {
      const work = async (item: number) => {
        if (item === 1) throw new CancelledError('by others');
        return item;
      };
      const error = await mapProcesses([0, 1, 2], work).catch((reason) => reason);
      ok(error instanceof ExceptionGroup);
      equal((error.exceptions[0] as Error).message, 'by others');
    }));

  it('an error of the items ends it', () =>
    inTask(async () => {
      function* items() {
        yield 1;
        throw new Error('no more');
      }
      const task = createTask(async () => await mapProcesses(items(), () => sleep(60_000)));
      const error = await task.catch((reason) => reason);
      ok(error instanceof ExceptionGroup);
      equal((error.exceptions[0] as Error).message, 'no more');
    }));

  it('wrong arguments are refused', () =>
    inTask(async () => {
      throws(() => mapProcesses(5 as never, () => {}), { name: 'TypeError' });
      throws(() => mapProcesses([], null as never), { name: 'TypeError' });
      throws(() => mapProcesses([], () => {}, { concurrency: 0 }), { name: 'RangeError' });
      throws(() => mapProcesses([], () => {}, { stopOnError: 1 as never }), { name: 'TypeError' });
    }));
});
