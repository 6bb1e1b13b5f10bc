/**
 * How TLS connections end: each side says that it sends no more, or does not.
 */

import { deepEqual, equal, throws } from 'node:assert/strict';
import { logger, RuntimeError, setLogger, TimeoutError } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { Deferred, Echo, Recorder, randomData, sha256, withLoop } from './peers.js';
import {
  connectTo,
  SERVER,
  TlsPeer,
  withBothEngines,
  withNodeServer,
  withTlsServer,
} from './tls_peers.js';

describe('the end of a TLS connection', () => {
  leavesNothingOpen();
  withBothEngines(() => {
    it('close() sends what was written, says goodbye, and waits for the answer', () => {
      const data = randomData(3_000_000);
      const server = new Recorder({
        connectionMade(transport) {
          transport.write(data);
          transport.close();
          equal(transport.isClosing(), true);
        },
      });
      return withTlsServer(
        () => server,
        async ({ port }) => {
          const peer = await TlsPeer.secure(port);
          await peer.ended;
          equal(sha256(peer.inbox.chunks), sha256(data));
          equal(await server.lost, null);
          equal(await peer.closed, null);
        },
      );
    });

    it('the peer’s goodbye ends the connection after what it sent', () => {
      const server = new Recorder();
      return withTlsServer(
        () => server,
        async ({ port }) => {
          const peer = await TlsPeer.secure(port);
          const data = randomData(1_000_000);
          peer.socket.end(data);
          equal(await server.lost, null);
          equal(sha256(server.inbox.chunks), sha256(data));
          deepEqual(server.events, [
            'connectionMade',
            'dataReceived',
            'eofReceived',
            'connectionLost',
          ]);
          await peer.closed;
        },
      );
    });

    it('what was written reaches a peer that has said goodbye', () => {
      const data = randomData(2_000_000);
      const server: Recorder = new Recorder({
        eofReceived(transport) {
          transport.write(data);
        },
      });
      return withTlsServer(
        () => server,
        async ({ port }) => {
          const peer = await TlsPeer.secure(port, { allowHalfOpen: true } as object);
          peer.socket.end('bye');
          await peer.ended;
          equal(sha256(peer.inbox.chunks), sha256(data));
          await server.lost;
          await peer.close();
        },
      );
    });

    it('a peer that goes without a goodbye has ended, too', () =>
      withNodeServer(
        SERVER,
        (socket) => {
          socket.write('hello');
          // The socket below: it ends, and TLS does not.
          socket.on('data', () => (socket as unknown as { _parent: typeof socket })._parent.end());
        },
        (port) =>
          withLoop(async (loop) => {
            const client = new Recorder();
            const transport = await connectTo(loop, port, client);
            await client.inbox.has(5);
            transport.write('go');
            equal(await client.lost, null);
            deepEqual(client.events.slice(-2), ['eofReceived', 'connectionLost']);
          }),
      ));

    it('eofReceived() cannot keep the connection open', () => {
      const warnings: string[] = [];
      const nothing = () => {};
      setLogger({
        debug: nothing,
        info: nothing,
        error: nothing,
        warn: (text) => warnings.push(text),
      });
      const server = new Recorder({ eofReceived: () => true });
      return withTlsServer(
        () => server,
        async ({ port }) => {
          const peer = await TlsPeer.secure(port);
          peer.socket.end();
          await server.lost;
          await peer.closed;
          deepEqual(warnings, ['returning true from eofReceived() has no effect when using ssl']);
        },
      ).finally(() => setLogger(logger));
    });

    it('writeEof() is not to be had', () =>
      withTlsServer(
        () => new Echo(),
        async ({ loop, port }) => {
          const client = new Recorder();
          const transport = await connectTo(loop, port, client);
          throws(() => transport.writeEof(), RuntimeError);
          transport.write('hello');
          await client.inbox.has(5);
          transport.close();
          await client.lost;
        },
      ));

    it('writes after close() are dropped, with a warning in the end', () => {
      const warnings: string[] = [];
      const nothing = () => {};
      setLogger({
        debug: nothing,
        info: nothing,
        error: nothing,
        warn: (text) => warnings.push(text),
      });
      return withTlsServer(
        () => new Echo(),
        async ({ loop, port }) => {
          const client = new Recorder();
          const transport = await connectTo(loop, port, client);
          transport.close();
          for (let times = 0; times < 5; times++) transport.write('into the void');
          equal(await client.lost, null);
          equal(client.inbox.size, 0);
          deepEqual(warnings, ['SSL connection is closed']);
        },
      ).finally(() => setLogger(logger));
    });

    it('a peer that does not answer the goodbye is not waited for beyond the time', () => {
      const client = new Recorder();
      return withNodeServer(
        SERVER,
        (socket) => socket.pause(),
        (port) =>
          withLoop(async (loop) => {
            const transport = await connectTo(loop, port, client, { sslShutdownTimeout: 20 });
            // More than the kernel keeps, so that the goodbye does not arrive.
            transport.write(Buffer.alloc(16_000_000));
            transport.close();
            const error = await client.lost;
            equal(error instanceof TimeoutError, true);
            equal(error?.message, 'SSL shutdown timed out');
          }),
      );
    });

    it('after close() nothing is delivered, whatever still comes', () => {
      const server = new Recorder({
        dataReceived(_data, transport) {
          transport.close();
        },
      });
      return withTlsServer(
        () => server,
        async ({ port }) => {
          const peer = await TlsPeer.secure(port);
          peer.socket.write('one');
          await peer.ended;
          // What node:tls still sends of its own is discarded on the other side.
          equal(await server.lost, null);
          equal(server.inbox.text(), 'one');
          await peer.close();
        },
      );
    });

    it('close() while reading is paused drops what was not read', () => {
      const server: Recorder = new Recorder({
        dataReceived(_data, transport) {
          transport.pauseReading();
        },
      });
      return withTlsServer(
        () => server,
        async ({ port }) => {
          const peer = await TlsPeer.secure(port);
          peer.socket.write('one');
          await server.inbox.has(3);
          const sent = new Deferred<void>();
          peer.socket.write(Buffer.alloc(200_000), () => sent.resolve());
          server.transport.close();
          equal(await server.lost, null);
          equal(server.inbox.text(), 'one');
          await peer.close();
        },
      );
    });
  });
});
