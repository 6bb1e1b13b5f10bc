/**
 * Signal handlers of loops beside each other, beside Node's own, and in worker threads.
 *
 * Guards: everybody who watches a signal hears of it; the last one that goes restores the signal's default
 * action; a handler keeps nothing alive. Signals are sent to processes of their own.
 */

import { deepEqual, equal, throws } from 'node:assert/strict';
import { newEventLoop } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withLoop } from './peers.js';
import { assertPrinted, type Program, runProcess, sourceOf } from './programs.js';

describe('signal handlers', () => {
  leavesNothingOpen();

  it('of several loops are all called, and listeners of the process too', async () => {
    const outcome = await runProcess(async ({ newEventLoop: make }) => {
      const loops = [make(), make()];
      const heard: string[] = [];
      const kill = () => {
        heard.length = 0;
        process.kill(process.pid, 'SIGUSR1');
      };
      const all = async (count: number) => {
        while (heard.length < count) await new Promise(setImmediate);
        // Nobody else is coming.
        await new Promise((resolve) => setTimeout(resolve, 20));
        console.log(heard.sort().join(' '));
      };
      process.on('SIGUSR1', () => heard.push('node'));
      for (const [index, loop] of loops.entries()) {
        loop.addSignalHandler('SIGUSR1', () => heard.push(`loop${index}`));
      }
      kill();
      await all(3);
      loops[0]?.removeSignalHandler('SIGUSR1');
      kill();
      await all(2);
      loops[1]?.close();
      kill();
      await all(1);
      loops[0]?.addSignalHandler('SIGUSR1', () => heard.push('again'));
      process.removeAllListeners('SIGUSR1');
      kill();
      await all(1);
      loops[0]?.close();
    });
    assertPrinted(outcome, 'loop0 loop1 node', 'loop1 node', 'node', 'again');
  });

  it('work in a worker thread, where process.on does not, and end with it', async () => {
    const body: Program<undefined> = ({ newEventLoop: make }, { threads }) => {
      const loop = make();
      loop.addSignalHandler('SIGUSR2', () => threads.parentPort?.postMessage('heard'));
      threads.parentPort?.on('message', () => {});
      threads.parentPort?.postMessage('ready');
    };
    const outcome = await runProcess(
      async ({ newEventLoop: make }, { threads, events }, source) => {
        const worker = new threads.Worker(source, { eval: true });
        await events.once(worker, 'message');
        const loop = make();
        const here = () =>
          new Promise<void>((resolve) => loop.addSignalHandler('SIGUSR2', resolve));
        const first = here();
        process.kill(process.pid, 'SIGUSR2');
        console.log((await events.once(worker, 'message'))[0]);
        await first;
        await worker.terminate();
        const second = here();
        process.kill(process.pid, 'SIGUSR2');
        // What the process waits for must keep it alive; a handler does not.
        const timer = setInterval(() => {}, 1000);
        await second;
        clearInterval(timer);
        console.log('still heard here');
        loop.close();
      },
      {},
      sourceOf(body, undefined),
    );
    assertPrinted(outcome, 'heard', 'still heard here');
  });

  it('of SIGCHLD leave child_process alone', async () => {
    const outcome = await runProcess(async ({ newEventLoop: make }, { childProcess, events }) => {
      const loop = make();
      const heard = new Promise<void>((resolve) => loop.addSignalHandler('SIGCHLD', resolve));
      for (const code of [3, 4]) {
        const child = childProcess.spawn('/bin/sh', ['-c', `exit ${code}`]);
        console.log((await events.once(child, 'exit'))[0]);
      }
      await heard;
      loop.removeSignalHandler('SIGCHLD');
      const child = childProcess.spawn('/bin/sh', ['-c', 'exit 5']);
      console.log((await events.once(child, 'exit'))[0]);
      loop.close();
    });
    assertPrinted(outcome, '3', '4', '5');
  });

  it('keep nothing alive', async () => {
    const outcome = await runProcess(({ newEventLoop: make }) => {
      make().addSignalHandler('SIGTERM', () => {});
      console.log('ends');
    });
    assertPrinted(outcome, 'ends');
  });

  it('leave the signal its default action when the last one has gone', async () => {
    const outcome = await runProcess(async ({ newEventLoop: make }) => {
      const loop = make();
      await new Promise<void>((resolve) => {
        loop.addSignalHandler('SIGTERM', resolve);
        process.kill(process.pid, 'SIGTERM');
        loop.callLater(10_000, () => {});
      });
      console.log('handled');
      loop.removeSignalHandler('SIGTERM');
      process.kill(process.pid, 'SIGTERM');
      await new Promise(setImmediate);
    });
    deepEqual([outcome.signal, outcome.stdout], ['SIGTERM', 'handled\n']);
  });

  it('bear many signals at once', async () => {
    const outcome = await runProcess(async ({ newEventLoop: make }, { childProcess }) => {
      const loop = make();
      let count = 0;
      const last = new Promise<void>((resolve) => loop.addSignalHandler('SIGUSR1', resolve));
      loop.addSignalHandler('SIGUSR2', () => {
        count++;
      });
      const server = await loop.createServer(() => ({}) as never, '127.0.0.1', 0);
      const script = `i=0; while [ $i -lt 300 ]; do kill -USR2 ${process.pid}; i=$((i+1)); done; kill -USR1 ${process.pid}`;
      childProcess.spawn('/bin/sh', ['-c', script]);
      await last;
      server.close();
      loop.close();
      // The kernel keeps one of each kind.
      console.log(count >= 1 && count <= 300);
    });
    assertPrinted(outcome, 'true');
  });

  it('are refused with a clear error', () =>
    withLoop(async (loop) => {
      const add = (signal: unknown, callback: unknown = () => {}) => {
        loop.addSignalHandler(signal as never, callback as never);
      };
      throws(() => add('SIGKILL'), { name: 'RuntimeError', message: 'sig 9 cannot be caught' });
      throws(() => add(19), { name: 'RuntimeError', message: 'sig 19 cannot be caught' });
      throws(() => add('SIGNONE'), {
        name: 'RangeError',
        message: "signal must be a signal's name or number, got 'SIGNONE'",
      });
      throws(() => add('toString'), { name: 'RangeError' });
      for (const value of [0, 65, -1, 1.5]) throws(() => add(value), { name: 'RangeError' });
      for (const value of [undefined, null, {}]) throws(() => add(value), { name: 'TypeError' });
      throws(() => add('SIGUSR2', 1), {
        name: 'TypeError',
        message: /callback must be a function/,
      });
      throws(() => loop.removeSignalHandler('SIGNONE' as never), { name: 'RangeError' });
      equal(loop.removeSignalHandler('SIGKILL'), false);
      const closed = newEventLoop();
      closed.close();
      throws(() => closed.addSignalHandler('SIGUSR2', () => {}), /Event loop is closed/);
      equal(closed.removeSignalHandler('SIGUSR2'), false);
    }));
});
