/*
 * The time server as a process: its answers, its signals, its end.
 */

import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { readAnnouncement } from '../../examples/kv/command-line.js';
import { decodeTime, encodeTime } from '../../examples/time-server.js';

const FILE = fileURLToPath(new URL('../../examples/time-server.js', import.meta.url));

type Program = ChildProcessByStdio<null, Readable, Readable>;

function start(...args: string[]): Program {
  return spawn(process.execPath, [FILE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function line(program: Program): Promise<string> {
  const [chunk] = await once(program.stdout, 'data');
  return String(chunk);
}

describe('the time server', () => {
  let server: Program;
  let port: number;

  before(async () => {
    server = start('--port', '0');
    port = readAnnouncement(await line(server)) as number;
  });

  after(async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'close');
  });

  const isNow = (date: Date) => Math.abs(date.getTime() - Date.now()) < 10_000;

  it('writes times as RFC 868 does', () => {
    // The example of the RFC: 2,208,988,800 is 1 Jan 1970.
    assert.equal(encodeTime(0).readUInt32BE(), 2_208_988_800);
    assert.equal(decodeTime(encodeTime(86_400_000)).toISOString(), '1970-01-02T00:00:00.000Z');
  });

  it('answers any datagram, the empty one too', async () => {
    const client = createSocket('udp4');
    for (const question of ['', 'what time is it?']) {
      client.send(question, port, '127.0.0.1');
      const [answer] = await once(client, 'message');
      assert.ok(isNow(decodeTime(answer)));
    }
    client.close();
    await once(client, 'close');
  });

  it('is asked by its own client', async () => {
    const client = start('--ask', '127.0.0.1', '--port', String(port));
    const [output, [code]] = await Promise.all([text(client.stdout), once(client, 'close')]);
    assert.equal(code, 0);
    assert.ok(isNow(new Date(output.trim())));
  });

  it('tells on SIGUSR2 how many it has answered', async () => {
    server.kill('SIGUSR2');
    assert.equal(await line(server), 'answered 3\n');
  });

  it('ends on Ctrl-C, and is then refused to a client', async () => {
    server.kill('SIGINT');
    const [code] = await once(server, 'close');
    assert.equal(code, 130);
    const client = start('--ask', '127.0.0.1', '--port', String(port));
    const [complaint, [failed]] = await Promise.all([text(client.stderr), once(client, 'close')]);
    assert.match(complaint, /ECONNREFUSED/);
    assert.equal(failed, 1);
  });
});
