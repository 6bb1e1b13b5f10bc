/**
 * Workers of serve() that die.
 *
 * Guards: one that dies is started again, later each time, and for ever only if it serves in between; its connections end
 * with it, and what waits in its socket's queue is served by the next.
 */

import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leavesNothingOpen } from '../support.js';
import {
  Client,
  endAll,
  greeting,
  nextChange,
  portOf,
  startSupervisor,
  takeLog,
} from './serve_support.js';

/** While it is there, workers that look for it cannot start. */
const broken = join(tmpdir(), `serve-broken-${process.pid}`);

describe('workers of serve that die', () => {
  leavesNothingOpen();
  afterEach(async () => {
    rmSync(broken, { force: true });
    await endAll();
  });

  for (const [order, reason] of [
    ['throw', 'RangeError: told to'],
    ['exit', 'RuntimeError: the worker ended by itself, with exit code 3'],
    ['leave', 'RuntimeError: the worker ended by itself, with exit code 0'],
  ] as const) {
    it(`are started again, after '${order}', and their connections end`, async () => {
      const log = takeLog();
      const supervisor = await startSupervisor({ workers: 1, restartDelay: 1 });
      const port = portOf(supervisor);
      const client = await Client.connect(port);
      const first = await client.line();
      client.socket.write(`${order}\n`);
      // What it had written before may come; then nothing does.
      while ((await client.line()) !== undefined);
      // Waits in the socket's queue until somebody accepts it.
      match(String(await greeting(port)), /^0 \d+$/);
      ok((await greeting(port)) !== first);
      equal(supervisor.workers[0]?.restarts, 1);
      match(String(log[0]), new RegExp(`^worker 0 died, and starts again in 1 ms: ${reason}`));
    });
  }

  it('are started later with each death in a row, and up to a limit', async () => {
    const log = takeLog();
    const times = { restartDelay: 1, maxRestartDelay: 4, stableTime: Number.POSITIVE_INFINITY };
    const supervisor = await startSupervisor({ workers: 1, ...times });
    for (let count = 0; count < 4; count++) {
      const served = nextChange(({ state }) => state === 'serving');
      (await Client.connect(portOf(supervisor))).socket.write('exit\n');
      await served;
    }
    deepEqual(
      log.map((line) => /in (\d+) ms/.exec(line)?.[1]),
      ['1', '2', '4', '4'],
    );
    equal(supervisor.workers[0]?.restarts, 4);
  });

  it('are started at once again when they had served long enough', async () => {
    const log = takeLog();
    const supervisor = await startSupervisor({ workers: 1, restartDelay: 1, stableTime: 0 });
    for (let count = 0; count < 3; count++) {
      const served = nextChange(({ state }) => state === 'serving');
      (await Client.connect(portOf(supervisor))).socket.write('exit\n');
      await served;
    }
    deepEqual(
      log.map((line) => /in (\d+) ms/.exec(line)?.[1]),
      ['1', '1', '1'],
    );
  });

  it('end the supervisor with their error when they cannot start any more', async () => {
    const log = takeLog();
    const options = { restartDelay: 1, maxFailedStarts: 3 };
    const supervisor = await startSupervisor(options, { failsWith: broken });
    writeFileSync(broken, '');
    (await Client.connect(portOf(supervisor))).socket.write('exit\n');
    await rejects(supervisor.waitClosed(), { name: 'RangeError', code: 'ETOLD' });
    deepEqual(supervisor.workers, []);
    deepEqual(
      log.map((line) => /starts again in (\d+) ms|(gives up)/.exec(line)?.slice(1)),
      [
        ['1', undefined],
        ['2', undefined],
        ['4', undefined],
        [undefined, 'gives up'],
      ],
    );
  });

  it('tell those who subscribe', async () => {
    takeLog();
    const supervisor = await startSupervisor({ workers: 1, restartDelay: 1 });
    const died = nextChange(({ state }) => state === 'ended');
    (await Client.connect(portOf(supervisor))).socket.write('throw\n');
    const { index, error, supervisor: whose } = await died;
    equal(index, 0);
    equal(error?.message, 'told to');
    equal(whose, supervisor);
  });

  it('do not die of a supervisor that is closed meanwhile', async () => {
    takeLog();
    const supervisor = await startSupervisor({ restartDelay: 60_000 });
    const died = nextChange(({ state }) => state === 'ended');
    (await Client.connect(portOf(supervisor))).socket.write('exit\n');
    await died;
    supervisor.close();
    await supervisor.waitClosed();
  });
});
