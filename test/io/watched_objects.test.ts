/**
 * addReader on objects that have a descriptor: of node:fs, of node:net, of another loop.
 */

import { equal } from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { leavesNothingOpen } from '../support.js';
import { Deferred, Peer, withLoop } from './peers.js';

describe('addReader and addWriter with objects', () => {
  leavesNothingOpen();

  it('take objects with a descriptor: of node:fs, and transport sockets of another loop', () =>
    withLoop(async (loop) => {
      const terminal = await open('/dev/ptmx', 'r+');
      loop.addReader(terminal, () => {});
      equal(loop.removeReader(terminal.fd), true);
      await terminal.close();
      await withLoop(async (other) => {
        const server = await other.createServer(() => ({}) as never, '127.0.0.1', 0, {
          startServing: false,
        });
        const socket = server.sockets[0] as { fileno(): number };
        loop.addReader(socket, () => {});
        equal(loop.removeReader(socket.fileno()), true);
        server.close();
      });
    }));

  it('watch a socket that Node owns', () =>
    withLoop(async (loop) => {
      const server = createServer((socket) => socket.end('hello'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const peer = await Peer.connect((server.address() as { port: number }).port);
      peer.socket.pause();
      const handle = (peer.socket as unknown as { _handle: { fd: number } })._handle;
      const ready = new Deferred<void>();
      loop.addReader(handle, () => {
        loop.removeReader(handle);
        ready.resolve();
      });
      await ready.promise;
      peer.socket.resume();
      await peer.ended;
      equal(peer.inbox.text(), 'hello');
      await peer.close();
      await new Promise((resolve) => server.close(resolve));
    }));
});
