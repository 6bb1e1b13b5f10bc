/*
 * The key-value server on several threads, as a process under redis-benchmark: reloads while it is asked lose nothing.
 * Invariant: a request that fails ends redis-benchmark with an error, for which its exit code and its complaints are read.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { readAnnouncement } from '../../examples/kv/command-line.js';
import { RawClient } from './support.js';

const MODULE = fileURLToPath(new URL('../../examples/kv-server.js', import.meta.url));

function start(program: string, args: readonly string[]) {
  return spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What it complained of, and its exit code. */
async function finish(program: ReturnType<typeof start>): Promise<[string, number | null]> {
  const complaints = text(program.stderr);
  program.stdout.resume();
  const [code] = await once(program, 'close');
  return [await complaints, code];
}

/** What redis-benchmark says whenever it does not keep its connections. */
const WARNING = /^WARNING: Keepalive disabled\..*\n/;

/** A key that a worker has set is not there any more when another has taken its place. */
async function reload(server: ChildProcess, port: number): Promise<void> {
  const client = await RawClient.open(port);
  assert.equal(await client.ask('SET', 'mark', 'old'), 'OK');
  await client.close();
  server.kill('SIGHUP');
  for (let value: unknown = 'old'; value === 'old'; ) {
    const later = await RawClient.open(port);
    value = await later.ask('GET', 'mark');
    await later.close();
  }
}

describe('kv-server --workers', function () {
  this.timeout(60_000);
  let server: ReturnType<typeof start>;
  let finished: Promise<[string, number | null]>;
  let port: number;

  async function serve(workers: number): Promise<void> {
    server = start(process.execPath, [MODULE, '--port', '0', '--workers', String(workers)]);
    const [chunk] = await once(server.stdout, 'data');
    finished = finish(server);
    port = readAnnouncement(String(chunk)) as number;
  }

  afterEach(() => {
    server.kill('SIGKILL');
  });

  it('answers until SIGTERM, lets its connections end, and ends with 0', async () => {
    await serve(2);
    const client = await RawClient.open(port);
    assert.equal(await client.line('PING'), 'PONG');
    server.kill('SIGTERM');
    assert.equal(await client.line('PING'), 'PONG');
    await client.close();
    assert.deepEqual(await finished, ['', 0]);
  });

  it('loses no request of redis-benchmark while it is reloaded', async function () {
    if (spawnSync('redis-benchmark', ['--version']).error !== undefined) this.skip();
    await serve(1);
    const benchmark = (...words: string[]) =>
      finish(start('redis-benchmark', ['-p', String(port), '-q', '-t', 'get', ...words]));
    // One connection for each request, and connections that are kept.
    const runs = [
      benchmark('-k', '0', '-c', '10', '-n', '8000'),
      benchmark('-c', '10', '-n', '60000'),
    ];
    let over = false;
    const all = Promise.all(runs).finally(() => {
      over = true;
    });
    let reloads = 0;
    for (; !over || reloads < 2; reloads++) await reload(server, port);
    for (const [complaints, code] of await all) {
      assert.equal(complaints.replace(WARNING, ''), '');
      assert.equal(code, 0);
    }
    server.kill('SIGTERM');
    assert.deepEqual(await finished, ['', 0]);
  });
});
