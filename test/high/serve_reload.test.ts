/**
 * supervisor.reload(): workers that give way to others.
 *
 * Guards: no request is lost under load, whether its connection is kept or new; old connections go on; a reload that
 * fails changes nothing, and several follow each other.
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

describe('a reload of serve', () => {
  leavesNothingOpen();
  afterEach(async () => {
    rmSync(broken, { force: true });
    await endAll();
  });

  it('puts a new thread in each place, and lets old connections go on', async () => {
    const supervisor = await startSupervisor();
    const old = supervisor.workers.map(({ threadId }) => threadId);
    const client = await Client.connect(portOf(supervisor));
    await client.line();
    await supervisor.reload();
    const serving = supervisor.workers.filter(({ state }) => state === 'serving');
    deepEqual(
      serving.map(({ index }) => index),
      [0, 1],
    );
    ok(serving.every(({ threadId, restarts }) => !old.includes(threadId) && restarts === 0));
    equal(await client.ask('still there'), 'still there');
    const ended = nextChange(({ state, threadId }) => state === 'ended' && old.includes(threadId));
    client.close();
    equal((await ended).error, null);
  });

  it('loses no connection and no request under load', async () => {
    const supervisor = await startSupervisor({ drainTimeout: 60_000 });
    const port = portOf(supervisor);
    let over = false;
    let requests = 0;
    const failures: unknown[] = [];
    const threads = new Set<string | undefined>();
    const expect = (line: string | undefined, wanted: RegExp) => {
      requests++;
      if (line === undefined || !wanted.test(line)) failures.push(line);
    };
    const reconnecting = async () => {
      while (!over) {
        const client = await Client.connect(port);
        const line = await client.line();
        threads.add(line);
        expect(line, /^[01] \d+$/);
        expect(await client.ask('once'), /^once$/);
        client.close();
      }
    };
    const keeping = async () => {
      const client = await Client.connect(port);
      expect(await client.line(), /^[01] \d+$/);
      while (!over) expect(await client.ask('kept'), /^kept$/);
      client.close();
    };
    const load = [...Array(6)].map(reconnecting).concat([...Array(4)].map(keeping));
    for (let count = 0; count < 3; count++) await supervisor.reload();
    const before = requests;
    while (requests < before + 100) await greeting(port);
    over = true;
    await Promise.all(load);
    deepEqual(failures, []);
    ok(threads.size > 2, `${threads.size} threads have answered`);
  });

  it('that fails leaves the old workers where they are', async () => {
    const log = takeLog();
    const supervisor = await startSupervisor({}, { failsWith: broken });
    const old = supervisor.workers;
    writeFileSync(broken, '');
    await rejects(supervisor.reload(), { name: 'RangeError', code: 'ETOLD' });
    deepEqual(supervisor.workers, old);
    match(String(await greeting(portOf(supervisor))), /^[01] \d+$/);
    rmSync(broken);
    await supervisor.reload();
    deepEqual(log, []);
  });

  it('waits for the one before', async () => {
    const supervisor = await startSupervisor({ workers: 1 });
    const order: number[] = [];
    const reloads = [1, 2].map(async (number) => {
      await supervisor.reload();
      order.push(number);
    });
    await Promise.all(reloads);
    deepEqual(order, [1, 2]);
  });

  it('brings back a worker that waits to be started again', async () => {
    takeLog();
    const supervisor = await startSupervisor({ workers: 1, restartDelay: 60_000 });
    const died = nextChange(({ state }) => state === 'ended');
    (await Client.connect(portOf(supervisor))).socket.write('exit\n');
    await died;
    await supervisor.reload();
    match(String(await greeting(portOf(supervisor))), /^0 \d+$/);
  });

  it('fails when the supervisor is closed meanwhile', async () => {
    const supervisor = await startSupervisor();
    const reloading = supervisor.reload();
    supervisor.close();
    await rejects(reloading, /^RuntimeError: the worker was ended before it served$/);
    await supervisor.waitClosed();
  });
});
