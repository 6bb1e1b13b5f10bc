/**
 * What begins, pauses and ends, told in debug mode in asyncio's words, at its levels.
 */

import { deepEqual, equal, match } from 'node:assert/strict';
import {
  DatagramProtocol,
  type EventLoop,
  type Logger,
  logger,
  newEventLoop,
  Protocol,
  SubprocessProtocol,
  setLogger,
  type Transport,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { portOf } from './peers.js';
import { startsPrograms } from './process_peers.js';

class Pausing extends Protocol {
  override connectionMade(transport: Transport): void {
    transport.pauseReading();
    transport.resumeReading();
  }
}

/** What is logged while `act` plays on a loop that tells, or does not. */
async function linesOf(
  isTold: boolean,
  act: (loop: EventLoop) => Promise<void>,
): Promise<string[]> {
  const lines: string[] = [];
  const loop = newEventLoop();
  loop.setDebug({ lifeMessages: isTold });
  loop.slowCallbackDuration = 60_000; // what a name takes to be found
  const to = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const levels = ['debug', 'info', 'warn', 'error'].map((level) => [level, to(level)]);
  setLogger(Object.fromEntries(levels) as Logger);
  try {
    await act(loop);
  } finally {
    loop.close();
    setLogger(logger);
  }
  return lines.map((line) =>
    line.replace(/127\.0\.0\.1:[1-9]\d*/g, 'ADDR').replace(/(fd=|pid |pid=)\d+/g, '$1N'),
  );
}

const connections = (isTold: boolean) =>
  linesOf(isTold, async (loop) => {
    const server = await loop.createServer(() => new Pausing(), '127.0.0.1', 0);
    const client = new Protocol();
    const lost = loop.createFuture<void>();
    client.connectionLost = () => lost.setResult();
    const [transport] = await loop.createConnection(() => client, '127.0.0.1', portOf(server));
    transport.writeEof();
    await lost;
    server.close();
    await server.waitClosed();
    const [endpoint] = await loop.createDatagramEndpoint(() => new DatagramProtocol(), {
      localAddr: ['127.0.0.1', 0],
    });
    endpoint.close();
  });

const programs = (isTold: boolean) =>
  linesOf(isTold, async (loop) => {
    for (const isKilled of [false, true]) {
      const ended = loop.createFuture<void>();
      const protocol = new SubprocessProtocol();
      protocol.connectionLost = () => ended.setResult();
      const args = isKilled ? ['sleep', '1000'] : ['true'];
      const [transport] = await loop.subprocessExec(
        () => protocol,
        args[0] as string,
        args.slice(1),
        {
          stdin: null,
          stdout: null,
          stderr: null,
        },
      );
      if (isKilled) transport.close();
      await ended;
      transport.close();
    }
  });

const names = (isTold: boolean) =>
  linesOf(isTold, async (loop) => {
    await loop.getaddrinfo('localhost', 80);
    await loop.getaddrinfo('127.0.0.1', 80); // asks nobody
    await loop.getaddrinfo('no such name', 80).catch(() => {});
  });

describe('life messages', () => {
  startsPrograms();
  leavesNothingOpen();

  it('tell of servers, connections, reading and the end, where they are wanted', async () => {
    const lines = await connections(true);
    const told = (pattern: RegExp) => lines.filter((line) => pattern.test(line));
    const open = '<TcpTransport open bufsize=0>';
    deepEqual(told(/serving|new connection|connected to|reading/), [
      'info: <Server sockets=(ADDR)> is serving',
      ...told(/connected to|new connection|reading/),
    ]);
    deepEqual(told(/new connection/), [
      `debug: <Server sockets=(ADDR)> got a new connection from ADDR: ${open}`,
    ]);
    deepEqual(told(/connected to/), [
      `debug: <socket fd=N> connected to ADDR: (${open}, <Protocol>)`,
    ]);
    deepEqual(told(/reading/), [`debug: ${open} pauses reading`, `debug: ${open} resumes reading`]);
    equal(told(/received EOF/).length, 2);
    deepEqual(told(/Datagram/), [
      'info: Datagram endpoint local_addr=127.0.0.1:0 remote_addr=null created: (<UdpTransport open bufsize=0>, <DatagramProtocol>)',
    ]);
    match(
      lines.at(-1) as string,
      /^debug: Close <EventLoop running=false closed=false debug=false>$/,
    );
  });

  it('tell of programs that are started, end, and are killed', async () => {
    const lines = await programs(true);
    deepEqual(lines.slice(0, -1), [
      "debug: process 'true' created: pid N",
      'info: <SubprocessTransport pid=N returncode=0> exited with return code 0',
      "debug: process 'sleep' created: pid N",
      'warn: Close running child process: kill <SubprocessTransport closed pid=N running>',
      'info: <SubprocessTransport closed pid=N returncode=-9> exited with return code -9',
    ]);
  });

  it('tell of names that are looked up, and how long it took: info where that was long', async () => {
    const lines = await names(true);
    equal(lines.length, 5, lines.join('\n'));
    equal(lines[0], 'debug: Get address info localhost');
    match(lines[1] as string, /^debug: Getting address info localhost took \d+\.\d{3} ms: \[.*\]$/);
    equal(lines[2], 'debug: Get address info no such name');
    match(
      lines[3] as string,
      /^debug: Getting .* took \d+\.\d{3} ms: "getaddrinfo E\w+ no such name"$/,
    );
    const slow = await linesOf(true, async (loop) => {
      loop.slowCallbackDuration = 0;
      await loop.getaddrinfo('localhost', 80);
    });
    match(slow[1] as string, /^info: Getting address info localhost took/);
  });

  it('are not there where they are not wanted', async () => {
    for (const play of [connections, programs, names]) deepEqual(await play(false), []);
  });
});
