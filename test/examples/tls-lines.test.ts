/*
 * The server of lines as a process: in the clear, with STARTTLS by its own client and by openssl, and
 * with clients that do not trust it.
 */

import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { readAnnouncement } from '../../examples/kv/command-line.js';
import { certificatePath } from '../io/tls_peers.js';

const FILE = fileURLToPath(new URL('../../examples/tls-lines.js', import.meta.url));
const identity = ['--cert', certificatePath('server.pem'), '--key', certificatePath('server.key')];
const authority = ['--ca', certificatePath('authority.pem')];

type Program = ChildProcessByStdio<null, Readable, Readable>;

function start(...args: string[]): Program {
  return spawn(process.execPath, [FILE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(program: Program): Promise<{ code: number; output: string; errors: string }> {
  const [output, errors, [code]] = await Promise.all([
    text(program.stdout),
    text(program.stderr),
    once(program, 'close'),
  ]);
  return { code, output, errors };
}

describe('the server of lines', () => {
  let server: Program;
  let port: string;

  before(async () => {
    server = start('--host', '127.0.0.1', '--port', '0', ...identity);
    const [line] = await once(server.stdout, 'data');
    port = String(readAnnouncement(String(line)));
  });

  after(async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'close');
  });

  it('wants STARTTLS before anything else', async () => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('hello\nQUIT\n');
    assert.equal(await text(socket), '220 lines; STARTTLS first\n530 STARTTLS first\n');
  });

  it('is talked to by its own client', async () => {
    const client = start('--say', 'hello', '--port', port, ...authority);
    assert.deepEqual(await ended(client), { code: 0, output: '250 hello (TLSv1.3)\n', errors: '' });
  });

  it('is not trusted by a client that does not know who signed', async () => {
    const { code, errors } = await ended(start('--say', 'hello', '--port', port));
    assert.equal(code, 1);
    assert.match(errors, /unable to verify the first certificate/);
  });

  it('ends on Ctrl-C', async () => {
    server.kill('SIGINT');
    const [code] = await once(server, 'close');
    assert.equal(code, 130);
  });
});
