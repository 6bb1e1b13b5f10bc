/**
 * What keeps a process alive: pending timers and running work do, an idle loop does not.
 *
 * As with Node's own handles. Every test is a process of its own, which has to end by itself.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { leavesNothingOpen } from '../support.js';
import { runChild } from './child.js';

async function ends(program: string, lines: string[]): Promise<void> {
  const ending = await runChild(program);
  equal(ending.errors, '');
  deepEqual([ending.code, ending.signal, ending.lines], [0, null, lines]);
}

describe('the life of a process with loops', () => {
  leavesNothingOpen();

  it('an idle loop does not keep the process alive', () =>
    ends(`uvio.newEventLoop(); uvio.getEventLoop(); console.log('end');`, ['end']));

  it('a loop that has worked does not keep the process alive', () =>
    ends(
      `const loop = uvio.newEventLoop();
       loop.callSoon(() => console.log('ran'));`,
      ['ran'],
    ));

  it('a ready callback and what it schedules keep the process alive', () =>
    ends(
      `const loop = uvio.newEventLoop();
       const chain = (left) => left === 0 ? console.log('end') : loop.callSoon(chain, left - 1);
       chain(1000);`,
      ['end'],
    ));

  it('a pending timer keeps the process alive', () =>
    ends(
      `uvio.newEventLoop().callLater(50, () => console.log('timer'));
       console.log('main ends');`,
      ['main ends', 'timer'],
    ));

  it('a timer that never comes keeps the process alive, alone and after another', async () => {
    await ends(
      `const loop = uvio.newEventLoop();
       const forever = loop.callLater(Infinity, () => {});
       setTimeout(() => { console.log('still here'); forever.cancel(); }, 20).unref();`,
      ['still here'],
    );
    await ends(
      `const loop = uvio.newEventLoop();
       loop.callLater(1, () => console.log('first'));
       const forever = loop.callLater(Infinity, () => {});
       setTimeout(() => { console.log('still here'); forever.cancel(); }, 20).unref();`,
      ['first', 'still here'],
    );
  });

  it('a timer made by a timer keeps the process alive', () =>
    ends(
      `const loop = uvio.newEventLoop();
       loop.callLater(5, () => loop.callLater(5, () => console.log('second')));`,
      ['second'],
    ));

  it('a cancelled timer does not keep the process alive', () =>
    ends(
      `const timer = uvio.newEventLoop().callLater(1_000_000, () => console.log('never'));
       setImmediate(() => { timer.cancel(); console.log('cancelled'); });`,
      ['cancelled'],
    ));

  it('a timer cancelled by a callback does not keep the process alive', () =>
    ends(
      `const loop = uvio.newEventLoop();
       const timer = loop.callLater(1_000_000, () => console.log('never'));
       loop.callLater(2, () => { timer.cancel(); console.log('cancelled'); });`,
      ['cancelled'],
    ));

  it('a closed loop with a pending timer does not keep the process alive', () =>
    ends(
      `const loop = uvio.newEventLoop();
       loop.callLater(1_000_000, () => console.log('never'));
       loop.callSoon(() => console.log('never'));
       loop.close();
       console.log('closed');`,
      ['closed'],
    ));

  it('a sleeping task keeps the process alive', () =>
    ends(`uvio.createTask(async () => { await uvio.sleep(20); console.log('slept'); });`, [
      'slept',
    ]));

  it('a task that waits for ever does not keep the process alive', () =>
    ends(
      `uvio.createTask(async () => { await new uvio.Future(); });
       console.log('end');`,
      ['end'],
    ));

  it('process.exit() with live loops is an ordinary end', () =>
    ends(
      `const loop = uvio.newEventLoop();
       loop.callLater(1_000_000, () => {});
       loop.callSoon(() => { console.log('exits'); process.exit(0); });`,
      ['exits'],
    ));

  it('an error in a callback is logged and does not end the process', async () => {
    const ending = await runChild(
      `const loop = uvio.newEventLoop();
       loop.callSoon(function failing() { throw new Error('boom'); });
       loop.callSoon(() => console.log('goes on'));`,
    );
    deepEqual([ending.code, ending.lines], [0, ['goes on']]);
    const [first] = ending.errors.split('\n');
    equal(first, 'Exception in callback failing()');
    equal(ending.errors.includes('Error: boom'), true);
    equal(ending.errors.includes('handle: <Handle'), true);
  });
});
