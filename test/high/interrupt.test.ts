/**
 * Ctrl-C under run(): the first SIGINT cancels the main task, the second one kills.
 *
 * Real signals to real processes; a child says when it is ready, so nothing here waits for time.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { type Child, startChild } from '../core/child.js';
import { leavesNothingOpen } from '../support.js';

async function interrupt(child: Child, when: string): Promise<void> {
  await child.printed(when);
  child.process.kill('SIGINT');
}

describe('SIGINT under run()', () => {
  leavesNothingOpen();

  it('the first cancels the main task, and run() rejects with KeyboardInterrupt', async () => {
    const child = startChild(`
      const main = async () => {
        try {
          const forever = uvio.sleep(1_000_000);
          console.log('ready');
          await forever;
        } catch (error) {
          console.log('main sees', error.name);
          throw error;
        } finally {
          await uvio.sleep(1);
          console.log('main cleans up');
        }
      };
      await uvio.run(main).catch((error) => console.log(error.name, error.code, error instanceof uvio.KeyboardInterrupt));
    `);
    await interrupt(child, 'ready');
    const { code, lines } = await child.ended;
    equal(code, 0);
    deepEqual(lines, [
      'ready',
      'main sees CancelledError',
      'main cleans up',
      'KeyboardInterrupt SIGINT true',
    ]);
  });

  it('the other tasks are cancelled behind the main task', async () => {
    const child = startChild(`
      const waits = (name) => async () => {
        try { await new uvio.Future(); } finally { console.log(name); }
      };
      const main = async () => {
        uvio.createTask(waits('other'));
        uvio.getRunningLoop().callLater(1_000_000, () => {});
        await uvio.sleep(0);
        console.log('ready');
        await waits('main')();
      };
      await uvio.run(main).catch((error) => console.log(error.name));
    `);
    await interrupt(child, 'ready');
    const { code, lines } = await child.ended;
    deepEqual([code, lines], [0, ['ready', 'main', 'other', 'KeyboardInterrupt']]);
  });

  it('a main task that ends well in spite of it gives its result', async () => {
    const child = startChild(`
      const main = async () => {
        const forever = uvio.sleep(1_000_000);
        console.log('ready');
        try { await forever; } catch {}
        return 'result';
      };
      console.log(await uvio.run(main));
    `);
    await interrupt(child, 'ready');
    const { code, lines } = await child.ended;
    deepEqual([code, lines], [0, ['ready', 'result']]);
  });

  it('a main task that fails in spite of it gives its error', async () => {
    const child = startChild(`
      const main = async () => {
        const forever = uvio.sleep(1_000_000);
        console.log('ready');
        try { await forever; } catch { throw new RangeError('instead'); }
      };
      await uvio.run(main).catch((error) => console.log(error.name));
    `);
    await interrupt(child, 'ready');
    const { code, lines } = await child.ended;
    deepEqual([code, lines], [0, ['ready', 'RangeError']]);
  });

  it('a second one kills a main task that does not end', async () => {
    const child = startChild(`
      const main = async () => {
        for (;;) {
          const forever = uvio.sleep(1_000_000);
          console.log('waits');
          await forever.catch(() => console.log('stubborn'));
        }
      };
      await uvio.run(main);
    `);
    await interrupt(child, 'waits');
    await interrupt(child, 'stubborn');
    const { code, signal } = await child.ended;
    deepEqual([code, signal], [null, 'SIGINT']);
  });

  it('a main task on a foreign promise ends when that does', async () => {
    const child = startChild(`
      const main = async () => {
        const { signal } = uvio.currentTask();
        await new Promise((resolve) => {
          signal.addEventListener('abort', () => { console.log('aborted'); resolve(); });
          setInterval(() => {}, 1_000_000).unref();
          uvio.getRunningLoop().callLater(1_000_000, () => {});
          console.log('ready');
        });
      };
      await uvio.run(main).catch((error) => console.log(error.name));
    `);
    await interrupt(child, 'ready');
    const { code, lines } = await child.ended;
    deepEqual([code, lines], [0, ['ready', 'aborted', 'KeyboardInterrupt']]);
  });

  it('signals: false leaves SIGINT to its default', async () => {
    const child = startChild(`
      const main = async () => {
        const forever = uvio.sleep(1_000_000);
        console.log('ready');
        await forever;
      };
      await uvio.run(main, { signals: false });
    `);
    await interrupt(child, 'ready');
    const { code, signal } = await child.ended;
    deepEqual([code, signal], [null, 'SIGINT']);
  });

  it('behind run() SIGINT has its default again', async () => {
    const child = startChild(`
      await uvio.run(async () => {});
      setInterval(() => {}, 1_000_000);
      console.log('ready');
    `);
    await interrupt(child, 'ready');
    const { signal } = await child.ended;
    equal(signal, 'SIGINT');
  });

  it('a process that ends by KeyboardInterrupt shows it', async () => {
    const child = startChild(`
      await uvio.run(async () => {
        const forever = uvio.sleep(1_000_000);
        console.log('ready');
        await forever;
      });
    `);
    await interrupt(child, 'ready');
    const { code, errors } = await child.ended;
    equal(code, 1);
    equal(errors.includes('KeyboardInterrupt'), true);
  });
});
