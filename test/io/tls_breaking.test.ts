/**
 * How TLS connections break off: aborted, broken, reset, or failed by their protocol.
 */

import { equal, match } from 'node:assert/strict';
import type { connect } from 'node:net';
import type { SystemError } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { Echo, Recorder, withLoop } from './peers.js';
import {
  connectTo,
  SERVER,
  TlsPeer,
  withBothEngines,
  withNodeServer,
  withTlsServer,
} from './tls_peers.js';

describe('a TLS connection that breaks off', () => {
  leavesNothingOpen();
  withBothEngines(() => {
    it('abort() ends it at once, and drops what was written', () => {
      const server = new Recorder();
      return withTlsServer(
        () => server,
        async ({ loop, port }) => {
          const client = new Recorder();
          const transport = await connectTo(loop, port, client);
          transport.write(Buffer.alloc(10_000_000));
          transport.abort();
          equal(transport.isClosing(), true);
          equal(await client.lost, null);
          await server.lost;
          equal(server.inbox.size < 10_000_000, true);
        },
      );
    });

    it('closeClients() says goodbye for a server', () =>
      withTlsServer(
        () => new Echo(),
        async ({ server, port }) => {
          const peer = await TlsPeer.secure(port);
          equal(await peer.ask('hello'), 'hello');
          server.close();
          server.closeClients();
          await peer.ended;
          await server.waitClosed();
          equal(await peer.closed, null);
        },
      ));

    it('bytes that are no TLS end it with an error', () => {
      const client = new Recorder();
      return withNodeServer(
        SERVER,
        (socket) => {
          const { _parent: raw } = socket as unknown as { _parent: typeof socket };
          socket.on('data', () => raw.write(Buffer.alloc(64, 'garbage')));
        },
        (port) =>
          withLoop(async (loop) => {
            const transport = await connectTo(loop, port, client);
            transport.write('go');
            const error = (await client.lost) as SystemError;
            match(String(error.code), /^ERR_SSL_/);
          }),
      );
    });

    for (const method of ['connectionMade', 'dataReceived', 'eofReceived'] as const) {
      it(`what ${method}() throws is reported and ends the connection`, () => {
        const failure = new Error('a failing protocol');
        const server = new Recorder({
          [method]() {
            throw failure;
          },
        });
        return withTlsServer(
          () => server,
          async ({ reports, port }) => {
            const peer = await TlsPeer.secure(port);
            peer.socket.end('hello');
            equal(await server.lost, failure);
            const [report] = reports.splice(0);
            equal(report?.message, `Fatal error: protocol.${method}() call failed.`);
            equal(report?.transport, server.transport);
            await peer.close();
          },
        );
      });
    }

    it('a peer that resets the connection is an error', () => {
      const client = new Recorder();
      return withNodeServer(
        SERVER,
        (socket) => {
          socket.on('data', () => {
            const { _parent: raw } = socket as unknown as { _parent: typeof socket };
            (raw as unknown as ReturnType<typeof connect>).resetAndDestroy();
          });
        },
        (port) =>
          withLoop(async (loop) => {
            const transport = await connectTo(loop, port, client);
            transport.write('go');
            equal(((await client.lost) as SystemError).code, 'ECONNRESET');
          }),
      );
    });
  });
});
