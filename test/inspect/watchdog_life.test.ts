/**
 * The watchdog's life: which loggers hear of it, threads, debuggers, and how the process ends with it.
 *
 * Guards: the observer keeps nothing alive and leaves nothing behind; ending in a stall is ending; a worker is reported
 * without frames; wrong thresholds start nothing.
 */

import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { newEventLoop } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { runToEnd, start } from './programs.js';

const ONE_STALL = `
  const loop = newEventLoop();
  loop.setWatchdog(50);
  await new Promise((resolve) => loop.callLater(300 * SLOW, function blocking() { spin(400 * SLOW); resolve(); }));
  loop.close();`;

const NOBODY = 65_534;

describe('the life of a watchdog', () => {
  leavesNothingOpen();

  it('refuses what is no threshold, and starts nothing', () => {
    const loop = newEventLoop();
    for (const wrong of [undefined, '100', {}, true]) {
      throws(() => loop.setWatchdog(wrong as never), {
        name: 'TypeError',
        message: /^threshold must be a number/,
      });
    }
    for (const wrong of [0, 0.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
      throws(() => loop.setWatchdog(wrong), { name: 'RangeError', message: /^threshold must be/ });
    }
    loop.close();
    throws(() => loop.setWatchdog(100), { name: 'RuntimeError', message: 'Event loop is closed' });
  });

  it('is set and taken away again, and leaves no thread behind', async () => {
    const loops = [newEventLoop(), newEventLoop()];
    for (let round = 0; round < 3; round++) {
      for (const loop of loops) loop.setWatchdog(100 + round);
      for (const loop of loops) loop.setWatchdog(null);
    }
    for (const loop of loops) loop.setWatchdog(100);
    for (const loop of loops) loop.close();
  });

  it('changes nothing where no thread can be started, and says so', async function () {
    if (process.platform !== 'linux') this.skip();
    const { code, output, errors } = await runToEnd(
      `
      import { execFileSync } from 'node:child_process';
      const loop = newEventLoop();
      execFileSync('prlimit', ['--nproc=0', '--pid', String(process.pid)]);
      for (const threshold of [100, null, 200]) {
        try {
          loop.setWatchdog(threshold);
        } catch ({ name, message, cause }) {
          console.log(name + ': ' + message + ', ' + cause.code);
        }
        console.log(loop._watchdog);
      }
      loop.setDebug(true);
      loop.close();`,
      // The limit does not hold for root.
      process.getuid?.() === 0 ? { uid: NOBODY, env: { TMPDIR: '/tmp' } } : {},
    );
    const refused = 'no thread can be started that watches this one: ';
    const failed = new RegExp(`^Error: ${refused}.+, ERR_WORKER_INIT_FAILED$`);
    equal(code, 0, errors);
    const lines = output.trimEnd().split('\n');
    deepEqual(
      lines.map((line) => (failed.test(line) ? 'failed' : line)),
      ['failed', 'null', 'null', 'failed', 'null'],
      output,
    );
    match(errors, new RegExp(`the process cannot be inspected: ${refused}`));
  });

  it('tells a logger of the user how long it took, with the stack, and standard error at once', async () => {
    const { code, output, errors } = await runToEnd(`
      const nothing = () => {};
      setLogger({ debug: nothing, info: nothing, error: nothing, warn: (text) => console.log('LOGGED ' + text) });
      ${ONE_STALL}`);
    equal(code, 0);
    match(
      output,
      /^LOGGED Executing <blocking\(\) at \S+> took \d+\.\d{3} seconds\n {2}at spin .*\n {2}at blocking .*\n$/,
    );
    match(
      errors,
      /^Executing <blocking\(\) .* still blocks the loop\n {2}at spin .*\n {2}at blocking .*\n$/,
    );
  });

  it('keeps to the level of the logger', async () => {
    const { code, errors } = await runToEnd(`logger.level = 'error'; ${ONE_STALL}`);
    deepEqual([code, errors], [0, '']);
  });

  it('reports a worker thread without its frames', async () => {
    const { code, errors } = await runToEnd(`
      const worker = inWorker(\`
        const loop = newEventLoop();
        loop.setWatchdog(50);
        await new Promise((resolve) => loop.callLater(300 * SLOW, () => { spin(400 * SLOW); resolve(); }));
        loop.close();\`);
      await once(worker, 'exit');`);
    equal(code, 0, errors);
    match(
      errors,
      /^Executing <a callback in worker thread \d+> has been running for \d+\.\d{3} seconds and still blocks the loop\n {2}\(no stack: stacks are taken of the main thread only\)$/m,
    );
    match(errors, /^Executing <a callback in worker thread \d+> took \d+\.\d{3} seconds$/m);
  });

  it('watches two loops of a thread', async () => {
    const { code, errors } = await runToEnd(`
      const loops = [newEventLoop(), newEventLoop()];
      for (const loop of loops) loop.setWatchdog(50);
      function one() { spin(300 * SLOW); }
      function other() { spin(300 * SLOW); }
      loops[0].callLater(300 * SLOW, one);
      loops[1].callLater(700 * SLOW, other);
      await new Promise((resolve) => loops[0].callLater(1200 * SLOW, resolve));
      for (const loop of loops) loop.close();`);
    equal(code, 0);
    const names = [...errors.matchAll(/^Executing <(\w+)\(\) .* took/gm)].map((found) => found[1]);
    deepEqual(names, ['one', 'other'], errors);
  });

  it('may have its loop closed under it, in a stall', async () => {
    const { code, errors } = await runToEnd(`
      const loop = newEventLoop();
      loop.setWatchdog(50);
      await new Promise((resolve) => loop.callLater(300 * SLOW, function closes() { spin(300 * SLOW); loop.close(); resolve(); }));`);
    equal(code, 0, errors);
    match(errors, /<closes\(\) .* still blocks/);
    match(errors, /<closes\(\) .* took \d+\.\d{3} seconds/);
  });

  for (const milliseconds of [51, 60, 75, 100, 200]) {
    it(`lets the process exit in a stall of ${milliseconds} ms`, async () => {
      const { code, signal } = await runToEnd(`
        const loop = newEventLoop();
        loop.setWatchdog(50);
        loop.callLater(300 * SLOW, () => { spin(${milliseconds}); process.exit(7); });`);
      deepEqual([code, signal], [7, null]);
    });
  }

  it('keeps no process alive', async () => {
    const { code, errors } = await runToEnd('newEventLoop().setWatchdog(100);');
    deepEqual([code, errors], [0, '']);
  });

  it('ends with the worker thread whose loop it watches', async () => {
    const program = start(`
      const worker = inWorker(\`
        const loop = newEventLoop();
        loop.setWatchdog(20);
        loop.callLater(200 * SLOW, () => { for (;;); });\`);
      await once(process, 'SIGUSR2');
      await worker.terminate();
      console.log('terminated');`);
    await program.complained(/worker thread \d+> has been running for/);
    const { code, output, errors } = await program.kill('SIGUSR2');
    deepEqual([code, output], [0, 'terminated\n'], errors);
  });

  it('leaves a thread alone that a debugger has stopped', async () => {
    const program = start(`
      const debuggerThread = inWorker(\`
        import { Session } from 'node:inspector';
        const session = new Session();
        setInterval(() => {}, 1000);
        session.connectToMainThread();
        session.on('Debugger.paused', () => setTimeout(() => {
          session.post('Debugger.resume');
          session.post('Debugger.disable', () => session.disconnect());
        }, 700));
        session.post('Debugger.enable', () => parentPort.postMessage('attached'));\`);
      await once(debuggerThread, 'message');
      const loop = newEventLoop();
      loop.setWatchdog(50);
      const stopped = await new Promise((resolve) => loop.callLater(300 * SLOW, () => {
        const before = performance.now();
        debugger;
        resolve(performance.now() - before);
      }));
      debuggerThread.unref();
      console.log('stopped for ' + (stopped >= 690 ? 'the whole time' : stopped));
      loop.close();`);
    const { code, output, errors } = await program.ended;
    deepEqual([code, output], [0, 'stopped for the whole time\n'], errors);
    ok(!errors.includes('Executing'), errors);
  });
});
