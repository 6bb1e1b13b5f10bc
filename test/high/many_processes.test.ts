/**
 * Thousands of programs, hundreds at a time: nothing of them is left.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mapProcesses, runProcess } from 'uvio';
import { processTable } from '../../src/high/process_table.js';
import { startsPrograms, until } from '../io/process_peers.js';
import { leavesNothingOpen } from '../support.js';
import { inTask } from './stream_support.js';

const COUNT = 5000;
const CONCURRENCY = 200;
// What the collector has not come to, and the allocator keeps: a process that left a kilobyte would show.
const SLACK = 8 << 20;

const children = () =>
  [...processTable().values()].filter(({ parent }) => parent === process.pid).length;

describe('five thousand processes, two hundred at a time', function () {
  this.timeout(180_000);
  startsPrograms();
  leavesNothingOpen();

  it('leave no zombie, no descriptor and no memory behind', () =>
    inTask(async () => {
      const run = async (index: number) => {
        const { stdout } = await runProcess('echo', [String(index)], { encoding: 'utf8' });
        return Number(stdout);
      };
      const range = (count: number) => Array.from({ length: count }, (_, index) => index);
      const options = { concurrency: CONCURRENCY };
      await mapProcesses(range(CONCURRENCY), run, options);
      const before = { descriptors: readdirSync('/proc/self/fd').length, heap: usedMemory() };
      deepEqual(await mapProcesses(range(COUNT), run, options), range(COUNT));
      const isBack = () => readdirSync('/proc/self/fd').length <= before.descriptors;
      await until(isBack, 'descriptors are open');
      equal(children(), 0);
      const growth = usedMemory() - before.heap;
      ok(growth < SLACK, `${growth} bytes more than before`);
    }));
});

function usedMemory(): number {
  global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
