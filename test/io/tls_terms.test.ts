/**
 * What the two sides of TLS agree on, and tell of: protocols, names, certificates, sessions.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import tls from 'node:tls';
import { leavesNothingOpen } from '../support.js';
import { Echo, Recorder, withLoop } from './peers.js';
import {
  AUTHORITY,
  CLIENT,
  OTHER,
  SERVER,
  TlsPeer,
  TRUST,
  tlsOf,
  withBothEngines,
  withNodeServer,
  withTlsServer,
} from './tls_peers.js';

/** What the only connection of a server sees. */
const recording = (server: Recorder) => () => server;

describe('the terms of TLS', () => {
  leavesNothingOpen();
  withBothEngines(() => {
    it('both sides agree on a protocol by ALPN', () => {
      const server = new Recorder();
      return withTlsServer(
        recording(server),
        async ({ port }) => {
          const peer = await TlsPeer.secure(port, { ALPNProtocols: ['three', 'two'] });
          equal(peer.socket.alpnProtocol, 'two');
          await server.made;
          equal(tlsOf(server.transport).alpnProtocol, 'two');
          equal(server.transport.getExtraInfo('alpnProtocol'), 'two');
          await peer.close();
          await server.lost;
        },
        { ...SERVER, ALPNProtocols: ['one', 'two'] },
      );
    });

    it('SNICallback, asynchronous as it is, chooses the certificate', () => {
      const server = new Recorder();
      const secureContext = tls.createSecureContext(OTHER);
      const names: string[] = [];
      return withTlsServer(
        recording(server),
        async ({ port }) => {
          const peer = await TlsPeer.secure(port, { servername: 'other.example' });
          equal(peer.socket.getPeerCertificate().subject.CN, 'other.example');
          deepEqual(names, ['other.example']);
          await server.made;
          equal(tlsOf(server.transport).servername, 'other.example');
          await peer.close();
          await server.lost;
        },
        {
          ...SERVER,
          SNICallback(name, done) {
            names.push(name);
            setImmediate(() => done(null, secureContext));
          },
        },
      );
    });

    it('a client shows its certificate when it is asked for one', () => {
      const server = new Recorder();
      return withTlsServer(
        recording(server),
        async ({ port }) => {
          const peer = await TlsPeer.secure(port, CLIENT);
          await server.made;
          const object = tlsOf(server.transport);
          equal(object.authorized, true);
          equal(object.getPeerCertificate().subject.CN, 'a client');
          equal(object.getPeerX509Certificate()?.subject, 'O=uvio\nCN=a client');
          await peer.close();
          await server.lost;
        },
        { ...SERVER, ca: AUTHORITY, requestCert: true },
      );
    });

    it('a session is resumed', () =>
      withNodeServer(
        SERVER,
        (socket) => socket.end('hello'),
        (port) =>
          withLoop(async (loop) => {
            const connect = async (session?: Buffer) => {
              const client = new Recorder();
              const ssl = { ...TRUST, session };
              await loop.createConnection(() => client, 'localhost', port, {
                family: 4,
                ssl,
              } as object);
              await client.lost;
              const object = tlsOf(client.transport);
              return [object.isSessionReused(), object.getSession()] as const;
            };
            const [first, session] = await connect();
            equal(first, false);
            ok(session instanceof Buffer);
            equal((await connect(session))[0], true);
          }),
      ));

    it('tells about the connection by asyncio’s names', () => {
      const server = new Recorder();
      return withTlsServer(recording(server), async ({ loop, port }) => {
        const client = new Recorder();
        const context = tls.createSecureContext(TRUST);
        const [transport] = await loop.createConnection(() => client, 'localhost', port, {
          family: 4,
          ssl: context,
        });
        equal(transport.getExtraInfo('sslcontext'), context);
        equal(transport.getExtraInfo('ssl_object'), tlsOf(transport));
        equal(transport.getExtraInfo('compression', 'fallback'), null);
        equal((transport.getExtraInfo('cipher') as { version: string }).version, 'TLSv1.3');
        const certificate = transport.getExtraInfo('peercert') as tls.PeerCertificate;
        equal(certificate.subject.CN, 'localhost');
        deepEqual(transport.getExtraInfo('peername'), {
          address: '127.0.0.1',
          port,
          family: 'IPv4',
        });
        equal(transport.getExtraInfo('nothing', 'fallback'), 'fallback');
        equal(transport.canWriteEof(), false);
        equal(String(transport), '<TlsTransport open bufsize=0>');
        await server.made;
        const keys = [transport, server.transport].map((one) =>
          tlsOf(one).exportKeyingMaterial(32, 'EXPORTER-test').toString('hex'),
        );
        equal(keys[0], keys[1]);
        equal(tlsOf(server.transport).serverSide, true);
        transport.close();
        await client.lost;
        equal(String(transport), '<TlsTransport closed bufsize=0>');
        await server.lost;
      });
    });

    it('a session’s user hears what node:tls says of it', () =>
      withTlsServer(
        () => new Echo(),
        async ({ port }) => {
          const peer = await TlsPeer.secure(port, { maxVersion: 'TLSv1.2' });
          const session = peer.socket.getSession() as Buffer;
          await peer.close();
          const again = await TlsPeer.secure(port, { maxVersion: 'TLSv1.2', session });
          equal(again.socket.isSessionReused(), true);
          equal(await again.ask('hello'), 'hello');
          await again.close();
        },
      ));

    it('a client that wants another handshake harms nobody but itself', () =>
      withTlsServer(
        () => new Echo(),
        async ({ port }) => {
          const peer = await TlsPeer.secure(port, { maxVersion: 'TLSv1.2' });
          equal(await peer.ask('hello'), 'hello');
          peer.socket.renegotiate({}, () => {});
          await Promise.race([
            peer.closed,
            new Promise((resolve) => peer.socket.once('secure', resolve)),
          ]);
          await peer.close();
          const after = await TlsPeer.secure(port);
          equal(await after.ask('still there'), 'still there');
          await after.close();
        },
      ));
  });
});
