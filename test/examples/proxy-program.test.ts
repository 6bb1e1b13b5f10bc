/*
 * The proxy as a process: its arguments, its memory, its words, its end.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { readAnnouncement } from '../../examples/kv/command-line.js';
import { attempt, Peer } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';

const FILE = fileURLToPath(new URL('../../examples/proxy.js', import.meta.url));
const MEBIBYTE = 1024 * 1024;

type Program = ChildProcessByStdio<null, Readable, Readable>;

function start(...args: string[]): Program {
  return spawn(process.execPath, [FILE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs `body` with the program in front of `port`; it is interrupted at the end, and must be clean then. */
async function withProgram(
  port: number,
  body: (port: number, program: Program) => Promise<void>,
): Promise<string> {
  const program = start('--listen', '127.0.0.1:0', '--to', `127.0.0.1:${port}`);
  const closed = once(program, 'close');
  const complaints = text(program.stderr);
  try {
    const [line] = await once(program.stdout, 'data');
    await body(readAnnouncement(String(line)) as number, program);
    program.kill('SIGINT');
    deepEqual(await closed, [130, null]);
  } finally {
    program.kill('SIGKILL');
    await closed;
  }
  return complaints;
}

async function withTarget(
  onConnection: (socket: Socket) => void,
  body: (port: number) => Promise<unknown>,
): Promise<void> {
  const server: Server = createServer(onConnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await body((server.address() as AddressInfo).port);
  } finally {
    server.close();
    await once(server, 'close');
  }
}

function residentMemory(program: Program): number {
  const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

describe('the proxy as a program', () => {
  leavesNothingOpen();

  it('forwards, and ends on Ctrl-C though connections are open', () =>
    withTarget(
      (socket) => socket.pipe(socket),
      async (target) => {
        const clients: Peer[] = [];
        const complaints = await withProgram(target, async (port) => {
          for (const name of ['one', 'two']) {
            const client = await Peer.connect(port);
            equal(await client.ask(name), name);
            clients.push(client);
          }
        });
        equal(complaints, '');
        for (const client of clients) equal(await client.closed, null);
      },
    ));

  it('ends on Ctrl-C though a client does not read', () =>
    withTarget(
      (socket) => socket.on('error', () => {}).write(Buffer.alloc(32 * MEBIBYTE)),
      async (target) => {
        const clients: Peer[] = [];
        await withProgram(target, async (port) => {
          const client = await Peer.connect(port);
          await client.inbox.has(1);
          client.socket.pause();
          clients.push(client);
        });
        for (const client of clients) await client.close();
      },
    ));

  it('ends a connection that the target refuses, and says so', async () => {
    let refusing = 0;
    await withTarget(
      () => {},
      async (port) => {
        refusing = port;
      },
    );
    const complaints = await withProgram(refusing, async (port) => {
      for (let round = 0; round < 2; round++) {
        const client = await Peer.connect(port);
        await client.ended;
        await client.closed;
      }
    });
    const line = /^Error: connect ECONNREFUSED.* 127\.0\.0\.1:\d+$/gm;
    equal(complaints.match(line)?.length, 2, complaints);
    equal(complaints.trim().split('\n').length, 2, complaints);
  });

  // Ten connections, each with 64 MiB on its way to a client that does not read.
  it('a flood to slow readers stays outside of its memory', function () {
    if (process.platform !== 'linux') this.skip();
    this.timeout(60_000);
    const flood = Buffer.alloc(64 * MEBIBYTE, 'flood');
    const senders: Socket[] = [];
    const send = (socket: Socket) => {
      senders.push(socket.on('error', () => {}));
      socket.write(flood);
    };
    return withTarget(send, (target) =>
      withProgram(target, async (port, program) => {
        const warm = await Peer.connect(port);
        await warm.inbox.has(flood.length);
        await warm.close();
        const before = residentMemory(program);
        const clients = await Promise.all(Array.from({ length: 10 }, () => Peer.connect(port)));
        for (const client of clients) {
          await client.inbox.has(1);
          client.socket.pause();
        }
        const unsent = () => senders.reduce((sum, sender) => sum + sender.bytesWritten, 0);
        // Stopped: many turns in which nothing has left any more.
        for (let turn = 0, last = -1; turn < 500 || unsent() !== last; turn++) {
          last = unsent();
          await new Promise(setImmediate);
        }
        const grown = residentMemory(program) - before;
        ok(grown < 24 * MEBIBYTE, `${grown} bytes for ten connections`);
        const [first] = clients as [Peer];
        first.socket.resume();
        await first.inbox.has(flood.length);
        await Promise.all(clients.map((client) => client.close()));
      }),
    );
  });

  it('refuses wrong arguments', async () => {
    for (const args of [[], ['--listen', '0'], ['--listen', 'x', '--to', '1'], ['--bad']]) {
      const program = start(...args);
      const [complaint, [code]] = await Promise.all([text(program.stderr), once(program, 'close')]);
      equal(code, 1);
      match(complaint, /wants host:port|Unknown option/);
    }
  });

  it('says when its port is taken', () =>
    withTarget(
      (socket) => socket.end(),
      async (port) => {
        const program = start('--listen', `${port}`, '--to', '1');
        equal((await once(program, 'close'))[0], 1);
        equal(await attempt(port), 'connected');
      },
    ));
});
