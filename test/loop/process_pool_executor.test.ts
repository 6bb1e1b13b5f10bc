/**
 * ProcessPoolExecutor: what its processes are to the calls that they run. What both executors do is in executor.test.
 */

import { equal } from 'node:assert/strict';
import { ProcessPoolExecutor } from 'uvio';
import { inTask } from '../high/stream_support.js';
import { leavesNothingOpen } from '../support.js';

describe('ProcessPoolExecutor', () => {
  leavesNothingOpen();

  it('takes nothing for an outcome that a call sends as other children of a process do', () =>
    inTask(async () => {
      await using executor = new ProcessPoolExecutor({ maxWorkers: 1 });
      const ready = () => {
        process.send?.('ready');
        return 5;
      };
      equal(await executor.submit(ready), 5);
      equal(await executor.submit(() => 'next'), 'next');
    }));
});
