/**
 * What begins, pauses and ends, told in debug mode in asyncio's words, at its levels.
 */

import { deepEqual, equal, match } from 'node:assert/strict';
import {
  DatagramProtocol,
  type Logger,
  logger,
  newEventLoop,
  Protocol,
  setLogger,
  type Transport,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { portOf } from './peers.js';

class Pausing extends Protocol {
  override connectionMade(transport: Transport): void {
    transport.pauseReading();
    transport.resumeReading();
  }
}

async function play(isTold: boolean): Promise<string[]> {
  const lines: string[] = [];
  const loop = newEventLoop();
  loop.setDebug({ lifeMessages: isTold });
  const to = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const levels = ['debug', 'info', 'warn', 'error'].map((level) => [level, to(level)]);
  setLogger(Object.fromEntries(levels) as Logger);
  try {
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
  } finally {
    loop.close();
    setLogger(logger);
  }
  return lines.map((line) =>
    line.replace(/127\.0\.0\.1:[1-9]\d*/g, 'ADDR').replace(/fd=\d+/, 'fd=N'),
  );
}

describe('life messages', () => {
  leavesNothingOpen();

  it('tell of servers, connections, reading and the end, where they are wanted', async () => {
    const lines = await play(true);
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

  it('are not there where they are not wanted', async () => {
    deepEqual(await play(false), []);
  });
});
