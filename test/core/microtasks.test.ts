/**
 * What runs between two callbacks of a batch: promise reactions and process.nextTick, errors of theirs included.
 */

import { deepEqual } from 'node:assert/strict';
import { leavesNothingOpen } from '../support.js';
import { runChild } from './child.js';

describe('between two callbacks', () => {
  leavesNothingOpen();

  it('what nextTick and microtasks throw is an uncaught exception of the process, and the loop goes on', async () => {
    const ending = await runChild(
      `process.on('uncaughtException', (error) => console.log('uncaught', error.message));
       process.on('unhandledRejection', (error) => console.log('unhandled', error.message));
       await uvio.run(async () => {
         const loop = uvio.getRunningLoop();
         const events = [];
         loop.callSoon(() => { process.nextTick(() => { throw new Error('tick') }); events.push(1); });
         loop.callSoon(() => { events.push(2); Promise.reject(new Error('rejection')); });
         loop.callSoon(() => { events.push(3); queueMicrotask(() => { throw new Error('microtask') }); });
         const task = uvio.createTask(async () => {
           process.nextTick(() => { throw new Error('tick of a task') });
           await uvio.sleep(0);
           events.push(5);
         });
         loop.callSoon(() => events.push(4));
         await task;
         console.log(events.join(' '));
       });`,
    );
    deepEqual([ending.code, ending.errors], [0, '']);
    deepEqual(ending.lines.sort(), [
      '1 2 3 4 5',
      'uncaught microtask',
      'uncaught tick',
      'uncaught tick of a task',
      'unhandled rejection',
    ]);
  });

  it('a chain of callbacks does not keep timers, sockets and immediates of the host waiting', async () => {
    const ending = await runChild(
      `const loop = uvio.newEventLoop();
       let links = 0;
       let over = false;
       const chain = () => { links++; if (!over) loop.callSoon(chain); };
       chain();
       await new Promise((resolve) => setTimeout(resolve, 1));
       await new Promise((resolve) => setImmediate(resolve));
       await new Promise((resolve) => loop.callLater(1, resolve));
       over = true;
       console.log(links > 1);`,
    );
    deepEqual([ending.code, ending.lines, ending.errors], [0, ['true'], '']);
  });
});
