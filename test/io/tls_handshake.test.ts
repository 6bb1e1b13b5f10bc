/**
 * Handshakes that come to nothing: silence, garbage, ends and cancellations.
 *
 * A client hears why; a server's connection is closed, and told of in debug mode only, as in asyncio.
 */

import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { CancelledError, logger } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { Deferred, Echo, Peer, Recorder, withLoop, withServer } from './peers.js';
import {
  CLIENT,
  isDeserted,
  refusal,
  SERVER,
  TlsPeer,
  withBothEngines,
  withNodeServer,
  withTlsServer,
} from './tls_peers.js';

describe('a handshake', () => {
  leavesNothingOpen();
  withBothEngines(() => {
    it('a client that says nothing is dropped when its time is up', () =>
      withTlsServer(
        () => new Echo(),
        async ({ port }) => {
          const peer = await Peer.connect(port);
          await peer.ended;
          await peer.close();
        },
        SERVER,
        { sslHandshakeTimeout: 20 },
      ));

    it('a server that says nothing is given up when its time is up', () =>
      withNodeServer(
        null,
        () => {},
        (port) =>
          withLoop(async (loop) => {
            const connecting = loop.createConnection(() => new Recorder(), '127.0.0.1', port, {
              ssl: true,
              sslHandshakeTimeout: 20,
            });
            await rejects(connecting, {
              code: 'ECONNABORTED',
              message: 'SSL handshake is taking longer than 0.02 seconds: aborting the connection',
            });
          }),
      ));

    it('a server that closes the connection resets it', () =>
      withNodeServer(
        null,
        (socket) => socket.end(),
        (port) =>
          withLoop(async (loop) => equal(await refusal({ loop }, port, true), 'ECONNRESET')),
      ));

    it('garbage is an error of OpenSSL’s', () =>
      withNodeServer(
        null,
        (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
        (port) =>
          withLoop(async (loop) => {
            match(String(await refusal({ loop }, port, true)), /^(ERR_SSL|EPROTO)/);
          }),
      ));

    it('a server survives garbage, and serves the next one', () => {
      const server = new Recorder();
      return withTlsServer(
        () => server,
        async ({ port }) => {
          const peer = await Peer.connect(port);
          peer.socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
          await peer.closed;
          deepEqual(server.events, []);
          await (await TlsPeer.secure(port)).close();
        },
      );
    });

    it('debug mode reports what a server’s handshake failed of', async () => {
      const lines: string[] = [];
      const { level } = logger;
      const write = process.stderr.write;
      logger.level = 'debug';
      process.stderr.write = ((text: string) => lines.push(text) > 0) as typeof write;
      try {
        await withTlsServer(
          () => new Echo(),
          async (on) => {
            on.loop.setDebug(true);
            const peer = await Peer.connect(on.port);
            peer.socket.write('garbage, and not little of it');
            await peer.closed;
            await isDeserted(on);
            const [report] = on.reports.splice(0);
            equal(report?.message, 'Error on transport creation for incoming connection');
            match(String(Object(report?.exception).code), /^ERR_SSL_/);
          },
        );
      } finally {
        process.stderr.write = write;
        logger.level = level;
      }
      ok(lines.some((line) => / starts SSL handshake/.test(line)));
      ok(lines.some((line) => / SSL handshake failed/.test(line)));
    });

    it('connections count as the server’s while they shake hands', () =>
      withTlsServer(
        () => new Echo(),
        async ({ server, port }) => {
          const peers = [await Peer.connect(port), await Peer.connect(port)];
          // Accepted in order, so that after this one they are in.
          await (await TlsPeer.secure(port)).close();
          server.close();
          const closed = server.waitClosed();
          equal(closed.done(), false);
          server.abortClients();
          await closed;
          for (const peer of peers) await peer.closed;
        },
      ));

    it('closeClients() does not wait for a handshake', () =>
      withTlsServer(
        () => new Echo(),
        async (on) => {
          const peer = await Peer.connect(on.port);
          await (await TlsPeer.secure(on.port)).close();
          on.server.closeClients();
          await isDeserted(on);
          await peer.closed;
        },
      ));

    for (const how of ['cancel', 'signal'] as const) {
      it(`a client that gives up leaves nothing (${how})`, () => {
        const accepted = new Deferred<void>();
        const gone = new Deferred<void>();
        return withNodeServer(
          null,
          (socket) => {
            socket.on('data', () => accepted.resolve());
            socket.on('close', () => gone.resolve());
          },
          (port) =>
            withLoop(async (loop) => {
              const client = new Recorder();
              const controller = new AbortController();
              const connecting = loop.createConnection(() => client, '127.0.0.1', port, {
                ssl: true,
                signal: controller.signal,
              });
              // The client's hello.
              await accepted.promise;
              if (how === 'cancel') connecting.cancel();
              else controller.abort();
              await rejects(connecting, CancelledError);
              await gone.promise;
              deepEqual(client.events, []);
            }),
        );
      });
    }

    it('a loop may be closed in the middle of handshakes', () =>
      withNodeServer(
        null,
        () => {},
        (port) =>
          withLoop(async (loop) => {
            const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0, {
              ssl: SERVER,
            });
            const own = server.sockets[0]?.getsockname().port as number;
            const socket = connect(own, '127.0.0.1').on('error', () => {});
            await once(socket, 'connect');
            const pending = loop.createConnection(() => new Echo(), '127.0.0.1', port, {
              ssl: true,
            });
            pending.addDoneCallback(() => {});
            for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
            loop.close();
            socket.destroy();
            await once(socket, 'close');
          }),
      ));

    it('a protocol factory that throws closes the connection', () =>
      withServer(
        () => {
          throw new Error('no protocol today');
        },
        async ({ port, reports }) => {
          const peer = await Peer.connect(port);
          await peer.closed;
          equal(String(reports.splice(0)[0]?.exception), 'Error: no protocol today');
        },
        { ssl: { ...SERVER, ...CLIENT } },
      ));
  });
});
