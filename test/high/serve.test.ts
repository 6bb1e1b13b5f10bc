/**
 * serve(): workers that serve together, a whole that starts or fails as one, and its end.
 *
 * Guards: every worker gets connections; what cannot start says so and leaves nothing open; a drain lets connections end
 * and aborts those that do not.
 */

import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { run, type SupervisorOptions, serve } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import {
  Client,
  endAll,
  greeting,
  nextChange,
  PROGRAM,
  portOf,
  startSupervisor,
  takeLog,
} from './serve_support.js';

describe('serve', () => {
  leavesNothingOpen();
  afterEach(endAll);

  it('spreads connections over its workers', async () => {
    const supervisor = await startSupervisor();
    const indexes = new Set<string | undefined>();
    for (let count = 0; count < 200 && indexes.size < 2; count++) {
      indexes.add((await greeting(portOf(supervisor)))?.split(' ')[0]);
    }
    deepEqual([...indexes].sort(), ['0', '1']);
    deepEqual(
      supervisor.workers.map(({ index, state, restarts }) => ({ index, state, restarts })),
      [
        { index: 0, state: 'serving', restarts: 0 },
        { index: 1, state: 'serving', restarts: 0 },
      ],
    );
    match(String(supervisor), /^<Supervisor workers=2 addresses=\(127\.0\.0\.1:\d+\)>$/);
  });

  it('serves streams', async () => {
    const supervisor = await startSupervisor({ workers: 1 }, { streams: true });
    const client = await Client.connect(portOf(supervisor));
    match(String(await client.line()), /^streams \d+$/);
    equal(await client.ask('hello'), 'hello');
  });

  it('serves TLS, whose options the worker has', async () => {
    const read = (name: string) =>
      readFileSync(new URL(`../../../test/certificates/${name}`, import.meta.url), 'utf8');
    const ssl = { key: read('server.key'), cert: read('server.pem') };
    const supervisor = await startSupervisor({ workers: 1 }, { ssl });
    const socket = connectTls({ port: portOf(supervisor), rejectUnauthorized: false });
    match(String((await once(socket, 'data'))[0]), /^0 \d+\n$/);
    socket.destroy();
    await once(socket, 'close');
  });

  it('serves a unix socket by several workers, and removes its file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'serve-'));
    const path = join(folder, 'socket');
    const supervisor = await serve(PROGRAM, { workers: 2, path, mode: 0o600, signals: false });
    deepEqual(supervisor.addresses, [path]);
    equal(statSync(path).mode & 0o777, 0o600);
    const socket = connect(path);
    match(String((await once(socket, 'data'))[0]), /^[01] \d+\n$/);
    socket.destroy();
    supervisor.close();
    await supervisor.waitClosed();
    equal(statSync(path, { throwIfNoEntry: false }), undefined);
    rmSync(folder, { recursive: true });
  });

  it('listens on several addresses', async () => {
    const supervisor = await startSupervisor({ host: ['127.0.0.1', '127.0.0.2'] });
    const [first, second] = supervisor.addresses;
    equal(first?.port, second?.port);
    const socket = connect(second?.port ?? 0, '127.0.0.2');
    match(String((await once(socket, 'data'))[0]), /^[01] \d+\n$/);
    socket.destroy();
  });

  it('lets connections end when it is closed, and accepts no more', async () => {
    const supervisor = await startSupervisor({ workers: 1 }, { goesOn: true });
    const port = portOf(supervisor);
    const client = await Client.connect(port);
    await client.line();
    supervisor.close();
    equal(supervisor.isServing(), false);
    // Told by the worker itself, which has stopped accepting by then.
    while ((await client.ask('draining?')) !== 'true');
    const refused = connect(port, '127.0.0.1');
    await rejects(once(refused, 'connect'), { code: 'ECONNREFUSED' });
    equal(await client.ask('still there'), 'still there');
    client.close();
    await supervisor.waitClosed();
    deepEqual(supervisor.workers, []);
  });

  it('aborts connections that have not ended in time', async () => {
    const supervisor = await startSupervisor({ drainTimeout: 20 });
    const client = await Client.connect(portOf(supervisor));
    await client.line();
    supervisor.close();
    equal(await client.line(), undefined);
    await supervisor.waitClosed();
  });

  it('may be given less time while it drains', async () => {
    const supervisor = await startSupervisor({ drainTimeout: Number.POSITIVE_INFINITY });
    const client = await Client.connect(portOf(supervisor));
    await client.line();
    supervisor.close();
    supervisor.close({ drainTimeout: 0 });
    equal(await client.line(), undefined);
    await supervisor.waitClosed();
    throws(() => supervisor.reload(), /^RuntimeError: <Supervisor .*> is closed$/);
  });

  it('serves for ever until that is cancelled, which drains', async () => {
    const supervisor = await startSupervisor();
    const serving = supervisor.serveForever();
    serving.cancel();
    await rejects(serving, { name: 'CancelledError' });
    deepEqual(supervisor.workers, []);
    await supervisor.waitClosed();
  });

  it('ends with its loop', async () => {
    const ended: Promise<unknown>[] = [];
    const supervisor = await run(async () => {
      const supervisor = await serve(PROGRAM, { workers: 2, host: '127.0.0.1' });
      for (const { threadId } of supervisor.workers) {
        ended.push(
          nextChange((change) => change.threadId === threadId && change.state === 'ended'),
        );
      }
      return supervisor;
    });
    await Promise.all(ended);
    deepEqual(supervisor.workers, []);
    equal(supervisor.isServing(), false);
    supervisor.close();
  });

  it('fails with what a worker fails with before it serves, at once', async () => {
    const errors = takeLog();
    const folder = mkdtempSync(join(tmpdir(), 'serve-'));
    const failsWith = join(folder, 'broken');
    writeFileSync(failsWith, '');
    await rejects(startSupervisor({}, { failsWith }), { name: 'RangeError', code: 'ETOLD' });
    await rejects(serve(new URL('./nowhere.js', import.meta.url), { signals: false }), {
      code: 'ERR_MODULE_NOT_FOUND',
      message: /nowhere\.js/,
    });
    await rejects(
      startSupervisor({}, { idle: true }),
      /the default export of .* started no server/,
    );
    await rejects(serve(new URL('./serve_support.js', import.meta.url), { signals: false }), {
      name: 'TypeError',
      message: /^the default export of .*serve_support\.js must be a function, got undefined$/,
    });
    rmSync(folder, { recursive: true });
    ok(errors.every((text) => text.includes('gives up: a worker cannot be started')));
  });

  it('fails with the error of the system when it cannot listen', async () => {
    takeLog();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await rejects(startSupervisor({ port }), { code: 'EADDRINUSE', port });
    await rejects(startSupervisor({ port, workers: 1 }), { code: 'EADDRINUSE', port });
    other.close();
    await once(other, 'close');
  });

  it('can be given up while it starts', async () => {
    const starting = serve(PROGRAM, { workers: 2, host: '127.0.0.1', signals: false });
    starting.cancel();
    await rejects(starting, { name: 'CancelledError' });
  });

  it('refuses wrong arguments before anything is opened', () => {
    const wrong: [SupervisorOptions, RegExp][] = [
      [{ workers: 0 }, /^RangeError: workers must be an integer from 1 to 1024, got 0$/],
      [{ workers: 1.5 }, /^RangeError: workers must be an integer from 1 to 1024, got 1\.5$/],
      [{ drainTimeout: -1 }, /^RangeError: drainTimeout must be 0 or more, got -1$/],
      [{ restartDelay: '1' as never }, /^TypeError: restartDelay must be a number, got '1'$/],
      [{ maxFailedStarts: 0 }, /^RangeError: maxFailedStarts must be an integer/],
      [{ signals: 1 as never }, /^TypeError: signals must be a boolean, got 1$/],
      [{ path: '/a', port: 1 }, /^TypeError: host\/port and path can not be specified/],
      [{ mode: 0o600 }, /^TypeError: mode is for a path, and none was specified$/],
    ];
    for (const [options, error] of wrong) throws(() => serve(PROGRAM, options), error);
    for (const url of ['worker.js', 7 as never]) {
      throws(() => serve(url), /^TypeError: workerUrl must be a URL or an absolute path, got/);
    }
  });
});
