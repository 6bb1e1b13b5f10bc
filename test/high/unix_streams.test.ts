/**
 * Streams over unix sockets: the same readers and writers on another transport.
 */

import { deepEqual, equal, rejects, throws } from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EventLoop,
  newEventLoop,
  openUnixConnection,
  type StreamReader,
  type StreamWriter,
  type SystemError,
  setEventLoop,
  startUnixServer,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

async function shout(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for await (const line of reader) writer.write(line.toString().toUpperCase());
  writer.close();
}

describe('streams over unix sockets', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let folder: string;
  let path: string;
  beforeEach(() => {
    loop = newEventLoop();
    setEventLoop(loop);
    folder = mkdtempSync(join(tmpdir(), 'uvio-'));
    path = join(folder, 'socket');
  });
  afterEach(() => {
    setEventLoop(null);
    loop.close();
    rmSync(folder, { recursive: true });
  });

  it('a line goes to the server and back, and the file goes with the server', async () => {
    const server = await startUnixServer(shout, path);
    const [reader, writer] = await openUnixConnection(path);
    equal(writer.getExtraInfo('peername'), path);
    writer.write('hello\n');
    equal(String(await reader.readline()), 'HELLO\n');
    writer.writeEof();
    equal(String(await reader.read()), '');
    writer.close();
    await writer.waitClosed();
    server.close();
    await server.waitClosed();
    equal(existsSync(path), false);
  });

  it('a server of ours serves node:net, a client of ours is served by it', async () => {
    const server = await startUnixServer(shout, path);
    const peer = connect(path);
    peer.end('from node\n');
    const [answer] = await once(peer, 'data');
    equal(String(answer), 'FROM NODE\n');
    await once(peer, 'close');
    server.close();
    await server.waitClosed();

    const other = createServer((socket) => socket.pipe(socket)).listen(path);
    await once(other, 'listening');
    const [reader, writer] = await openUnixConnection(path);
    writer.write('echo\n');
    equal(String(await reader.readline()), 'echo\n');
    writer.close();
    await writer.waitClosed();
    other.close();
    await once(other, 'close');
  });

  it('a path where nobody listens fails with the stack of the caller', async () => {
    const error: SystemError = await openUnixConnection(path).then(
      () => null as never,
      (reason) => reason as SystemError,
    );
    deepEqual([error.code, error.syscall], ['ENOENT', 'connect']);
    equal(/unix_streams\.test/.test(String(error.stack)), true);
    await rejects(async () => await startUnixServer(shout, join(path, 'below')), {
      code: 'ENOENT',
    });
  });

  it('wrong arguments are refused at the call', () => {
    throws(() => openUnixConnection(5 as never), /path must be .*, got 5/);
    throws(() => openUnixConnection(path, { limit: 0 }), /limit must be/);
    throws(() => startUnixServer(5 as never, path), /clientConnectedCb must be a function, got 5/);
  });
});
