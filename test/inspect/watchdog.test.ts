/**
 * loop.setWatchdog(): what still runs is reported while it runs, with its stack, and how long it took in the end.
 *
 * Guards: an infinite loop is reported; each stall once; nothing when nothing blocks; a debugger is left alone; the
 * process ends as it would without. Times are read from the reports, whose order is what is asserted.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { leavesNothingOpen } from '../support.js';
import { runToEnd, Scratch, start, urlOf } from './programs.js';

const STILL =
  /^Executing .* has been running for (\d+\.\d{3}) seconds and still blocks the loop$/gm;
const TOOK = /^Executing .* took (\d+\.\d{3}) seconds$/gm;

const secondsOf = (pattern: RegExp, text: string) =>
  [...text.matchAll(pattern)].map((found) => Number(found[1]));

describe('the watchdog', () => {
  leavesNothingOpen();

  it('reports an infinite loop, with the stack of the thread that it blocks', async () => {
    const program = start(`
      function forEver() { for (;;); }
      async function handler() { await sleep(1); forEver(); }
      await run(async () => {
        getRunningLoop().setWatchdog(50);
        await handler();
      });`);
    const [, report] = await program.complained(/(Executing [\s\S]*at handler .*\n)/);
    equal(program.child.exitCode, null);
    const lines = (report as string).split('\n');
    match(
      lines[0] as string,
      /^Executing <handler\(\) at \S+:\d+> has been running for \d+\.\d{3} s/,
    );
    match(lines[1] as string, /^ {2}at forEver \(.*:\d+:\d+\)$/);
    match(lines[2] as string, /^ {2}at handler \(.*:\d+:\d+\)$/);
    equal(lines.length, 4);
    equal((await program.kill()).signal, 'SIGKILL');
  });

  it('reports the callback that has just set it, whose observer is not there yet', async () => {
    const program = start(`
      await run(async function main() { getRunningLoop().setWatchdog(50); for (;;); });`);
    await program.complained(/^Executing <main\(\) at \S+> has been running for .*\n {2}at main /m);
    await program.kill();
  });

  it('reports a block of 3 s within a fraction of it, and its total when it is over', async () => {
    const program = start(`
      await run(async () => {
        getRunningLoop().setWatchdog(100);
        await sleep(300 * SLOW);
        spin(3000);
      });
      console.log('over');`);
    await program.complained(/still blocks the loop/);
    equal(program.output, '');
    const { code, errors } = await program.ended;
    equal(code, 0);
    const [still = 0] = secondsOf(STILL, errors);
    ok(still >= 0.1 && still < 2, errors);
    const [took = 0] = secondsOf(TOOK, errors);
    ok(took >= 3, errors);
  });

  it('says nothing when nothing blocks', async () => {
    const { code, errors } = await runToEnd(`
      await run(async () => {
        getRunningLoop().setWatchdog(1000);
        const end = performance.now() + 1500;
        while (performance.now() < end) await sleep(1);
      });`);
    deepEqual([code, errors], [0, '']);
  });

  it('reports each of two stalls once, in order', async () => {
    const { code, errors } = await runToEnd(`
      function first() { spin(500 * SLOW); }
      function second() { spin(700 * SLOW); }
      const loop = newEventLoop();
      loop.setWatchdog(50);
      loop.callLater(200 * SLOW, first);
      loop.callLater(800 * SLOW, second);
      await new Promise((resolve) => loop.callLater(1600 * SLOW, resolve));
      loop.close();`);
    equal(code, 0);
    const heads = errors.split('\n').filter((line) => line.startsWith('Executing'));
    deepEqual(
      heads.map((line) => line.replace(/ at \S+>/, '>').replace(/\d+\.\d{3}/, 'n')),
      ['first', 'second'].flatMap((name) => [
        `Executing <${name}()> has been running for n seconds and still blocks the loop`,
        `Executing <${name}()> took n seconds`,
      ]),
    );
  });

  it('takes a new threshold at run time, and null for none', async () => {
    const { code, errors } = await runToEnd(`
      const loop = newEventLoop();
      const blocks = (threshold, name) => new Promise((resolve) => {
        loop.setWatchdog(threshold);
        // The observer may take its time to hear of it.
        loop.callLater(200 * SLOW, Object.defineProperty(() => { spin(300 * SLOW); resolve(); }, 'name', { value: name }));
      });
      await blocks(100_000, 'long');
      await blocks(50, 'short');
      await blocks(null, 'none');
      await blocks(60, 'again');
      loop.close();`);
    equal(code, 0);
    equal(secondsOf(TOOK, errors).length, 2, errors);
    ok(errors.indexOf('short') < errors.indexOf('again'), errors);
    ok(!/long|none/.test(errors), errors);
  });

  it('sees what a task does after an await, a generator, a protocol, and microtasks', async () => {
    const scratch = new Scratch();
    const program = start(`
      import { existsSync } from 'node:fs';
      const pause = new Int32Array(new SharedArrayBuffer(4));
      // Blocks until the test has read that it does.
      function block(name) {
        while (!existsSync(${JSON.stringify(scratch.path)} + '/' + name)) Atomics.wait(pause, 0, 0, 5);
      }
      async function inAsync() { await sleep(1); block('inAsync'); }
      const inGenerator = uvio.coroutine(function* generator() { yield* sleep(1); block('generator'); });
      await run(async () => {
        const loop = getRunningLoop();
        loop.setWatchdog(50);
        await inAsync();
        await sleep(1);
        await inGenerator();
        await sleep(1);
        const received = loop.createFuture();
        class Blocking extends Protocol {
          dataReceived() { block('dataReceived'); received.setResult(); }
        }
        const server = await loop.createServer(() => new Blocking(), '127.0.0.1', 0);
        const { port } = server.sockets[0].getsockname();
        const [reader, writer] = await openConnection('127.0.0.1', port);
        writer.write('x');
        await received;
        writer.close();
        server.close();
        const over = loop.createFuture();
        async function inMicrotask() { block('inMicrotask'); over.setResult(); }
        loop.callSoon(() => Promise.resolve().then(inMicrotask));
        await over;
      });`);
    try {
      for (const name of ['inAsync', 'generator', 'dataReceived', 'inMicrotask']) {
        await program.complained(new RegExp(`^Executing <${name}\\(\\) at .* still blocks`, 'm'));
        scratch.write(name, '');
      }
      const { code, errors } = await program.ended;
      equal(code, 0, errors);
    } finally {
      await program.kill();
      scratch.remove();
    }
  });

  it('says that native code has no stack', async () => {
    const { code, errors } = await runToEnd(`
      import { execSync } from 'node:child_process';
      const loop = newEventLoop();
      loop.setWatchdog(50);
      await new Promise((resolve) => loop.callLater(300 * SLOW, () => { execSync('sleep 2.5'); resolve(); }));
      loop.close();`);
    equal(code, 0);
    match(
      errors,
      /<a callback in the main thread> .* still blocks the loop\n {2}\(no stack: it is inside native code\)/,
    );
    match(errors, /took 2\.\d{3} seconds/);
  });

  it('maps the stack to the sources when source maps are enabled', async () => {
    const scratch = new Scratch();
    const map = {
      version: 3,
      sources: ['made.ts'],
      names: [],
      mappings: 'AAAA;AACA;AACA;AACA;AACA',
    };
    const url = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
    const block =
      'export function block(ms) {\n  const end = performance.now() + ms;\n  while (performance.now() < end);\n}\n';
    const path = scratch.write('made.mjs', `${block}//# sourceMappingURL=${url}\n`);
    const body = `
      import { block } from ${JSON.stringify(urlOf(path))};
      const loop = newEventLoop();
      loop.setWatchdog(50);
      await new Promise((resolve) => loop.callLater(300 * SLOW, () => { block(400 * SLOW); resolve(); }));
      loop.close();`;
    try {
      const plain = await runToEnd(body);
      match(plain.errors, /at block \(file:\S+made\.mjs:3:\d+\)/);
      const mapped = await runToEnd(body, { flags: ['--enable-source-maps'] });
      match(mapped.errors, /at block \(file:\S+made\.ts:3:1\)/);
    } finally {
      scratch.remove();
    }
  });
});
