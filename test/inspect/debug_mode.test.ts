/**
 * Debug mode has the watchdog and the inspection with it, and each has a switch.
 *
 * Guards: a stall in the first callback is reported, for ever or not; what is shorter than a second is left to the slow
 * callbacks; turning off, closing and ending take socket and thread away; loops that follow each other share a thread.
 */

import { deepEqual, equal, match } from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { leavesNothingOpen } from '../support.js';
import { type Program, type ProgramOptions, runToEnd, Scratch, start, uvio } from './programs.js';

// A busy machine is no fault.
const QUIET = 'getRunningLoop().slowCallbackDuration = Infinity;';

describe('debug mode, seen from outside', () => {
  leavesNothingOpen();
  let scratch: Scratch;
  let program: Program | null = null;
  beforeEach(() => {
    scratch = new Scratch();
  });
  afterEach(async () => {
    await program?.kill();
    program = null;
    scratch.remove();
  });

  const begin = (body: string, options: ProgramOptions = {}) => {
    program = start(body, { ...options, env: { ...scratch.env, ...options.env } });
    return program;
  };
  const end = (body: string) => runToEnd(body, { env: scratch.env });
  const sockets = () => {
    const folder = join(scratch.path, 'uvio');
    return existsSync(folder) ? readdirSync(folder) : [];
  };

  it('reports a first callback that never ends, with its stack, and ps shows it', async () => {
    const blocked = begin(`await run(async function main() { for (;;); }, { debug: true });`);
    await blocked.complained(
      /^Executing <main\(\) at \S+> has been running for \d\.\d{3} seconds and still blocks the loop\n {2}at main /m,
    );
    const { code, output } = await uvio(['ps', blocked.pid], scratch.env);
    equal(code, 0);
    match(output, /^main thread is blocked in a callback of its loop, for .*\n {2}at main /m);
  });

  it('comes from the environment as well', async () => {
    const blocked = begin(`newEventLoop().callSoon(function forEver() { for (;;); });`, {
      env: { UVIO_DEBUG: '1' },
    });
    await blocked.complained(/^Executing <forEver\(\) at \S+> has been running for/m);
  });

  it('says nothing of what blocks for less than a second, nor of a loop that does not block', async () => {
    const { code, errors } = await end(`
      await run(async () => {
        ${QUIET}
        await sleep(100);
        spin(300);
        const end = performance.now() + 1500;
        while (performance.now() < end) await sleep(1);
      }, { debug: true });`);
    deepEqual([code, errors], [0, '']);
  });

  it('has no watchdog where setWatchdog() has said so, and another threshold where it has said that', async () => {
    const { code, errors } = await end(`
      const loop = newEventLoop();
      const blocks = (ms, name) => new Promise((resolve) => {
        loop.callLater(300 * SLOW, Object.defineProperty(() => { spin(ms); resolve(); }, 'name', { value: name }));
      });
      loop.setWatchdog(null);
      loop.setDebug({ watchdog: true });
      await blocks(1500, 'unwatched');
      loop.setWatchdog(50);
      await blocks(400 * SLOW, 'watched');
      loop.setDebug(false);
      await blocks(400 * SLOW, 'stillWatched');
      loop.close();`);
    equal(code, 0);
    const names = [...errors.matchAll(/^Executing <(\w+)\(\) at \S+> took/gm)].map(
      ([, name]) => name,
    );
    deepEqual(names, ['watched', 'stillWatched'], errors);
  });

  it('the switch watchdog is one by itself, with a threshold of its own, and opens no socket', async () => {
    const { code, errors } = await end(`
      const loop = newEventLoop();
      loop.setDebug({ watchdog: 50 });
      await new Promise((resolve) => loop.callLater(300 * SLOW, function blocking() { spin(400 * SLOW); resolve(); }));
      loop.close();`);
    equal(code, 0);
    match(errors, /^Executing <blocking\(\) at \S+> has been running for/m);
    match(errors, /^Executing <blocking\(\) at \S+> took/m);
    deepEqual(sockets(), []);
  });

  it('the switch inspect opens the socket, and closes it again while the process goes on', async () => {
    const asked = begin(`
      const loop = newEventLoop();
      const hold = loop.callLater(1_000_000, () => {});
      loop.setDebug({ inspect: true });
      process.on('SIGUSR2', () => loop.setDebug({ inspect: !loop._debug?.inspect }));
      console.log('up');`);
    await asked.printed(/up/);
    for (let round = 0; round < 2; round++) {
      await scratch.serves(1);
      equal((await uvio(['ps', asked.pid], scratch.env)).code, 0);
      process.kill(asked.pid, 'SIGUSR2');
      await scratch.servesNobody();
      const { code, errors } = await uvio(['ps', asked.pid], scratch.env);
      equal(code, 1);
      match(errors, /it was not started with UVIO_INSPECT=1 and has no loop in debug mode/);
      process.kill(asked.pid, 'SIGUSR2');
    }
  });

  it('a loop that is closed is not served any more, and the process ends of itself', async () => {
    const { code, errors } = await end(`
      await run(async () => { ${QUIET} await sleep(500 * SLOW); }, { debug: true });`);
    deepEqual([code, errors, sockets()], [0, '', []]);
  });

  it('loops that follow each other share one thread', async () => {
    const { code, output } = await end(`
      import { createHook } from 'node:async_hooks';
      let workers = 0;
      createHook({ init: (id, type) => { if (type === 'WORKER') workers++; } }).enable();
      for (let i = 0; i < 30; i++) await run(async () => { ${QUIET} await sleep(1); }, { debug: true });
      console.log(workers);`);
    deepEqual([code, output], [0, '1\n']);
  });

  it('a worker thread in debug mode is served, too, until it ends', async () => {
    const asked = begin(`
      const worker = inWorker("await run(async () => { parentPort.postMessage('up'); await sleep(1_000_000); }, { debug: true, signals: false })");
      await once(worker, 'message');
      console.log('up');
      process.on('SIGUSR2', async () => { await worker.terminate(); console.log('ended'); });`);
    await asked.printed(/up/);
    await scratch.serves(1);
    match(
      (await uvio(['ps', asked.pid], scratch.env)).output,
      /^worker thread 1, loop 1: running/m,
    );
    process.kill(asked.pid, 'SIGUSR2');
    const { code } = await asked.ended;
    deepEqual([code, sockets()], [0, []]);
  });
});
