/**
 * Connections of ours to programs that know nothing of uvio: socat and nc as servers, over TCP, UDP and unix sockets.
 *
 * Guards: bytes and half-close reach them and come back; getaddrinfo says what getent says.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { SOCK_DGRAM, SOCK_RAW, SOCK_STREAM } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { endpoint } from './datagram_peers.js';
import { hasProgram, withFolder } from './local_peers.js';
import { Recorder, randomData, sha256, withLoop } from './peers.js';

const LARGE = 4 * 1024 * 1024;

/** Starts `program`, and runs `body` with what `listening` finds in what it says; ends it afterwards. */
async function withProgram(
  program: string,
  parameters: string[],
  listening: RegExp,
  body: (found: string, child: ChildProcess) => Promise<void>,
): Promise<void> {
  const child = spawn(program, parameters, { stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  try {
    let said = '';
    for await (const text of child.stderr) {
      said += text;
      if (listening.test(said)) break;
    }
    const found = listening.exec(said)?.[1];
    ok(found !== undefined, said);
    await body(found, child);
  } finally {
    child.kill('SIGKILL');
    await closed;
  }
}

const logging = ['-d', '-d'];

describe('connections to programs', () => {
  leavesNothingOpen();

  const places: Record<string, [(folder: string) => string, RegExp]> = {
    TCP: [() => 'TCP4-LISTEN:0,bind=127.0.0.1', /listening on AF=2 127\.0\.0\.1:(\d+)/],
    'a unix socket': [
      (folder) => `UNIX-LISTEN:${join(folder, 'socket')}`,
      /listening on AF=1 "(.+)"/,
    ],
  };
  for (const [kind, [address, listening]] of Object.entries(places)) {
    it(`an echo of socat over ${kind}, ended by half-close`, function () {
      if (!hasProgram('socat')) this.skip();
      return withFolder((folder) =>
        withProgram(
          'socat',
          [...logging, address(folder), 'EXEC:cat'],
          listening,
          async (place) => {
            await withLoop(async (loop) => {
              const client = new Recorder();
              const connecting = /^\d+$/.test(place)
                ? loop.createConnection(() => client, '127.0.0.1', Number(place))
                : loop.createUnixConnection(() => client, place);
              const [transport] = await connecting;
              const data = randomData(LARGE);
              transport.write(data);
              transport.writeEof();
              equal(await client.lost, null);
              equal(sha256(client.inbox.bytes()), sha256(data));
            });
          },
        ),
      );
    });
  }

  it('nc as a server is talked with, and its end of input is heard', function () {
    if (!hasProgram('nc')) this.skip();
    return withProgram(
      'nc',
      ['-N', '-l', '-v', '-n', '127.0.0.1', '0'],
      /^Listening on 127\.0\.0\.1 (\d+)/m,
      (port, child) =>
        withLoop(async (loop) => {
          const client = new Recorder({ eofReceived: () => true });
          const [transport] = await loop.createConnection(() => client, '127.0.0.1', Number(port));
          transport.write('question');
          const [heard] = await once(child.stdout as NodeJS.EventEmitter, 'data');
          equal(String(heard), 'question');
          child.stdin?.end('answer');
          await client.ended;
          equal(client.inbox.text(), 'answer');
          transport.close();
          equal(await client.lost, null);
        }),
    );
  });

  it('an echo of socat over UDP', function () {
    if (!hasProgram('socat')) this.skip();
    return withProgram(
      'socat',
      [...logging, 'UDP4-LISTEN:0,bind=127.0.0.1', 'EXEC:cat'],
      /listening on UDP AF=2 127\.0\.0\.1:(\d+)/,
      (port) =>
        withLoop(async (loop) => {
          const client = await endpoint(loop, { remoteAddr: ['127.0.0.1', Number(port)] });
          client.transport.sendto('over and back');
          equal(await client.text(), 'over and back');
          client.transport.close();
          await client.lost;
        }),
    );
  });

  it('getaddrinfo and getent say the same of a name', function () {
    if (!hasProgram('getent')) this.skip();
    const { stdout } = spawnSync('getent', ['ahostsv4', 'localhost'], { encoding: 'utf8' });
    const types: Record<number, string> = {
      [SOCK_STREAM]: 'STREAM',
      [SOCK_DGRAM]: 'DGRAM',
      [SOCK_RAW]: 'RAW',
    };
    const theirs = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/).slice(0, 2));
    return withLoop(async (loop) => {
      const ours = await loop.getaddrinfo('localhost', null, { family: 4 });
      deepEqual(
        ours.map(({ sockaddr, type }) => [sockaddr.address, types[type]]),
        theirs,
      );
    });
  });
});
