/**
 * SIGTERM under run() and Runner: everything cleans up, then the process dies of the signal.
 *
 * Real signals to real processes; a child says when it is ready, so nothing here waits for time.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { type Child, type Ending, startChild } from '../core/child.js';
import { leavesNothingOpen } from '../support.js';

async function terminate(child: Child, signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> {
  await child.printed('ready');
  child.process.kill(signal);
  return child.ended;
}

const WAITS = `
  const waits = async (name) => {
    const forever = uvio.sleep(1_000_000);
    if (name === 'main') console.log('ready');
    try {
      await forever;
    } finally {
      await uvio.sleep(1);
      console.log(name, 'cleans up');
    }
  };`;

describe('SIGTERM under run()', () => {
  leavesNothingOpen();

  it('cleans up, closes the loop, and dies of the signal without a word', async () => {
    const child = startChild(`${WAITS}
      await uvio.run(async () => {
        const ticks = uvio.coroutine(async function* () {
          try { yield 1; } finally { console.log('generator', 'closes'); }
        })();
        await ticks.next();
        uvio.createTask(() => waits('other'));
        await uvio.sleep(0);
        await waits('main');
      });
      console.log('never');
    `);
    const { code, signal, lines, errors } = await terminate(child);
    deepEqual([code, signal, errors], [null, 'SIGTERM', '']);
    deepEqual(lines, ['ready', 'main cleans up', 'other cleans up', 'generator closes']);
  });

  it('a main task that ends well in spite of it gives its result', async () => {
    const child = startChild(`${WAITS}
      console.log(await uvio.run(() => waits('main').catch(() => 'result')));
      console.log(process.listenerCount('SIGTERM'));
    `);
    const { code, signal, lines } = await terminate(child);
    deepEqual([code, signal, lines], [0, null, ['ready', 'main cleans up', 'result', '0']]);
  });

  it('a main task that fails in spite of it gives its error', async () => {
    const child = startChild(`${WAITS}
      const main = () => waits('main').catch(() => { throw new RangeError('instead'); });
      await uvio.run(main).catch((error) => console.log(error.name));
    `);
    const { code, signal, lines } = await terminate(child);
    deepEqual([code, signal, lines], [0, null, ['ready', 'main cleans up', 'RangeError']]);
  });

  it('a second one kills a main task that does not end', async () => {
    const child = startChild(`
      await uvio.run(async () => {
        for (let word = 'ready'; ; word = 'stubborn') {
          const forever = uvio.sleep(1_000_000);
          console.log(word);
          await forever.catch(() => {});
        }
      });
    `);
    await child.printed('ready');
    child.process.kill('SIGTERM');
    await child.printed('stubborn');
    child.process.kill('SIGTERM');
    const { code, signal } = await child.ended;
    deepEqual([code, signal], [null, 'SIGTERM']);
  });

  it('so does a SIGTERM behind a SIGINT', async () => {
    const child = startChild(`
      await uvio.run(async () => {
        for (let word = 'ready'; ; word = 'stubborn') {
          const forever = uvio.sleep(1_000_000);
          console.log(word);
          await forever.catch(() => {});
        }
      });
    `);
    await child.printed('ready');
    child.process.kill('SIGINT');
    await child.printed('stubborn');
    child.process.kill('SIGTERM');
    equal((await child.ended).signal, 'SIGTERM');
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`is left to whoever listens already: ${signal}`, async () => {
      const child = startChild(`
        let heard;
        process.on('${signal}', () => { console.log('theirs'); heard.setResult('result'); });
        console.log(await uvio.run(async () => {
          uvio.getRunningLoop().callLater(1_000_000, () => {});
          heard = new uvio.Future();
          console.log('ready');
          return heard;
        }), process.listenerCount('${signal}'));
      `);
      const ending = await terminate(child, signal);
      deepEqual([ending.code, ending.lines], [0, ['ready', 'theirs', 'result 1']]);
    });
  }

  it('whoever has begun to listen decides how the process ends', async () => {
    const child = startChild(`${WAITS}
      await uvio.run(async () => {
        process.on('SIGTERM', () => console.log('theirs'));
        await waits('main');
      }).catch((error) => console.log(error.name));
    `);
    const { code, signal, lines } = await terminate(child);
    deepEqual([code, signal], [0, null]);
    deepEqual(lines, ['ready', 'theirs', 'main cleans up', 'CancelledError']);
  });

  it('signals: false leaves it to its default', async () => {
    const child = startChild(`${WAITS} await uvio.run(() => waits('main'), { signals: false });`);
    const { signal, lines } = await terminate(child);
    deepEqual([signal, lines], ['SIGTERM', ['ready']]);
  });

  it('several main tasks at the same time are all cancelled', async () => {
    const child = startChild(`${WAITS}
      const other = uvio.run(() => waits('other'));
      other.catch((error) => console.log('other', error.name));
      await uvio.run(() => waits('main'));
    `);
    const { signal, lines, errors } = await terminate(child);
    deepEqual([signal, errors], ['SIGTERM', '']);
    deepEqual(lines.slice(0, 3).sort(), ['main cleans up', 'other cleans up', 'ready']);
  });

  it('under a Runner the process dies when that is closed', async () => {
    const child = startChild(`${WAITS}
      const runner = new uvio.Runner();
      await runner.run(() => waits('main')).catch((error) => console.log(error.name));
      console.log(await runner.run(async () => 'another run'));
      await runner.close();
      console.log('never');
    `);
    const { signal, lines } = await terminate(child);
    equal(signal, 'SIGTERM');
    deepEqual(lines, ['ready', 'main cleans up', 'CancelledError', 'another run']);
  });

  it('a main task that cancels itself is no death by signal', async () => {
    const child = startChild(`
      const main = async () => { uvio.currentTask().cancel(); await uvio.sleep(0); };
      await uvio.run(main).catch((error) => console.log(error.name));
    `);
    const { code, lines } = await child.ended;
    deepEqual([code, lines], [0, ['CancelledError']]);
  });

  // They hold the program's stdout, whose end is waited for.
  for (const [how, body] of [
    ['the program', ''],
    [
      'a program that does not end until the second',
      '.catch(() => console.log("stubborn")); for (;;) await uvio.sleep(1)',
    ],
  ] as const) {
    it(`takes children along: of ${how}`, async function () {
      if (process.platform !== 'linux') this.skip();
      const child = startChild(`
        await uvio.run(async () => {
          await uvio.createSubprocessExec('sleep', ['30'], { stdin: uvio.DEVNULL });
          console.log('ready');
          await uvio.sleep(1_000_000)${body};
        });
      `);
      await child.printed('ready');
      child.process.kill('SIGTERM');
      if (body !== '') {
        await child.printed('stubborn');
        child.process.kill('SIGTERM');
      }
      equal((await child.ended).signal, 'SIGTERM');
    });
  }
});
