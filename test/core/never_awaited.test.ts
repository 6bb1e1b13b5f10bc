/**
 * Coroutines that nobody awaited: told when they are collected, and when the loop closes; others never.
 *
 * Where the collector has to run it is asked to, or debug mode asks it; what is waited for is the warning.
 */

import { deepEqual, equal, match } from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { coroutine, type EventLoop, newEventLoop, sleep } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { errorsOf, mainErrors } from './debug_programs.js';

describe('a coroutine that was never awaited', () => {
  leavesNothingOpen();
  const dropped = `const work = coroutine(async function work() {}); work();`;

  it('is told of when the loop closes, with its stack in debug mode only', async () => {
    const text = `RuntimeWarning: coroutine 'work' was never awaited\n`;
    const plain = await mainErrors(dropped, { debug: 'false' });
    equal(plain.startsWith(text), true, plain);
    equal(/created at/.test(plain), false);
    const debug = await mainErrors(dropped);
    equal(
      debug.startsWith(`${text}Coroutine created at (most recent call last):\n  at main (`),
      true,
      debug,
    );
  });

  it('is told of soon when nobody holds it any more, in debug mode', async () => {
    const errors = await mainErrors(`
      (() => { ${dropped} })();
      const started = performance.now();
      await new Promise((resolve) => process.once('warning', resolve));
      process.stderr.write(performance.now() - started < 5000 ? 'soon' : 'late');`);
    match(errors, /soon/);
  });

  it('is told of when it is collected, without debug mode and without a loop', async () => {
    const errors = await errorsOf(
      `(() => { uvio.coroutine(async function lonely() {})(); })();
       const hold = setTimeout(() => {}, 20_000);
       const collecting = setInterval(gc, 50);
       process.once('warning', () => { clearTimeout(hold); clearInterval(collecting); });`,
      { flags: ['--expose-gc'] },
    );
    match(errors, /RuntimeWarning: coroutine 'lonely' was never awaited/);
  });

  it('is named as the function of the library that made it', async () => {
    const errors = await mainErrors(`
      uvio.timeout(1, async () => {});
      uvio.taskGroup(async () => {});
      new uvio.Lock().run(async () => {});`);
    const names = [...errors.matchAll(/coroutine '(\w+)' was never/g)].map(([, name]) => name);
    deepEqual(names, ['timeout', 'taskGroup', 'run']);
  });
});

describe('a coroutine is not told of', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let warnings: string[];
  const warned = (warning: Error) => {
    // Other suites drop coroutines as well.
    if (warning.message.includes("'watched'")) warnings.push(warning.message);
  };
  beforeEach(() => {
    loop = newEventLoop();
    warnings = [];
    process.on('warning', warned);
  });
  afterEach(() => {
    loop.close();
    process.off('warning', warned);
  });

  const work = coroutine(async function watched() {
    return 1;
  });

  async function silence(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) {
      globalThis.gc?.();
      await delay(1);
    }
    deepEqual(warnings, []);
  }

  it('that starts late, after it was let go', async () => {
    await loop.runUntilComplete(async () => {
      const late = Array.from({ length: 100 }, () => work());
      await sleep(350);
      for (const one of late) await one;
    });
    await silence();
  });

  it('that a task was made of, even one that is cancelled before it starts', async () => {
    await loop.runUntilComplete(async () => {
      const task = loop.createTask(work());
      task.cancel();
      await loop.createTask(work());
    });
    loop.close();
    await silence();
  });

  it('that was closed, or that somebody holds', async () => {
    let held: unknown;
    await loop.runUntilComplete(async () => {
      work().close();
      const late = work();
      await sleep(350);
      late.close();
    });
    held = work();
    await delay(350);
    await silence();
    loop.close();
    await silence();
    await (held as Promise<number>);
    held = null;
    await silence();
  });
});
