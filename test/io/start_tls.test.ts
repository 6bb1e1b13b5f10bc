/**
 * loop.startTls(): TLS that begins in the middle of a connection, on either side, with no byte lost.
 */

import { deepEqual, equal, rejects, throws } from 'node:assert/strict';
import { once } from 'node:events';
import tls from 'node:tls';
import { CancelledError, type EventLoop, Protocol, type Transport } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { Deferred, Peer, Recorder, randomData, sha256, withLoop, withServer } from './peers.js';
import { SERVER, TlsPeer, TRUST, tlsOf, withBothEngines, withNodeServer } from './tls_peers.js';

/** A server's protocol that answers 'STARTTLS' with 'OK' and goes on with TLS, which echoes. */
class Upgrading extends Protocol {
  transport!: Transport;
  readonly lost = new Deferred<Error | null>();
  readonly upgraded = new Deferred<void>();
  #isSecure = false;

  constructor(readonly loop: () => EventLoop) {
    super();
  }

  override connectionMade(transport: Transport): void {
    this.transport = transport;
  }

  override dataReceived(data: Buffer): void {
    if (this.#isSecure) {
      this.transport.write(data);
      return;
    }
    equal(String(data), 'STARTTLS');
    this.transport.write('OK');
    this.#isSecure = true;
    const starting = this.loop().startTls(this.transport, this, SERVER, { serverSide: true });
    starting.then(
      (transport) => {
        this.transport = transport;
        this.upgraded.resolve();
      },
      () => this.upgraded.resolve(),
    );
  }

  override connectionLost(exception: Error | null): void {
    this.lost.resolve(exception);
  }
}

describe('startTls()', () => {
  leavesNothingOpen();
  withBothEngines(() => {
    it('upgrades a server’s connection', () => {
      let loop!: EventLoop;
      const server = new Upgrading(() => loop);
      return withServer(
        () => server,
        async (on) => {
          loop = on.loop;
          const plain = await Peer.connect(on.port);
          plain.socket.write('STARTTLS');
          await plain.inbox.has(2);
          plain.socket.removeAllListeners('data');
          const secure = tls.connect({
            socket: plain.socket,
            servername: 'localhost',
            ...TRUST,
          } as object);
          const peer = new TlsPeer(secure);
          await once(secure, 'secureConnect');
          const data = randomData(1_000_000).toString('latin1');
          equal(sha256(Buffer.from(await peer.ask(data))), sha256(Buffer.from(data)));
          await server.upgraded.promise;
          equal(tlsOf(server.transport).getProtocol(), 'TLSv1.3');
          secure.end();
          equal(await server.lost.promise, null);
          await peer.closed;
          await plain.closed;
        },
      );
    });

    it('upgrades a client’s connection, with the hello in the same packet as the answer', () =>
      withNodeServer(
        null,
        (socket) => {
          socket.once('data', () => {
            socket.write('OK');
            const secure = new tls.TLSSocket(socket, { isServer: true, ...SERVER });
            secure.on('error', () => {});
            secure.pipe(secure);
          });
        },
        (port) =>
          withLoop(async (loop) => {
            const client = new Recorder();
            const [raw] = await loop.createConnection(() => client, '127.0.0.1', port);
            raw.write('STARTTLS');
            await client.inbox.has(2);
            const options = { serverHostname: 'localhost' };
            const transport = await loop.startTls(raw, client, TRUST, options);
            equal(transport.getProtocol(), client);
            equal(raw.getExtraInfo('sslObject'), undefined);
            transport.write('hello');
            await client.inbox.has(7);
            equal(client.inbox.text(), 'OKhello');
            deepEqual(client.events, ['connectionMade', 'dataReceived']);
            transport.close();
            equal(await client.lost, null);
          }),
      ));

    it('two of ours upgrade at once', () => {
      let loop!: EventLoop;
      const server = new Upgrading(() => loop);
      return withServer(
        () => server,
        async (on) => {
          loop = on.loop;
          const client = new Recorder();
          const [raw] = await loop.createConnection(() => client, '127.0.0.1', on.port);
          raw.write('STARTTLS');
          await client.inbox.has(2);
          const options = { serverHostname: 'localhost' };
          const transport = await loop.startTls(raw, client, TRUST, options);
          const data = randomData(2_000_000);
          transport.write(data);
          await client.inbox.has(2 + data.length);
          equal(sha256(client.inbox.bytes().subarray(2)), sha256(data));
          transport.close();
          await client.lost;
          await server.lost.promise;
        },
      );
    });

    it('puts TLS on TLS', () => {
      let loop!: EventLoop;
      const server = new Upgrading(() => loop);
      return withServer(
        () => server,
        async (on) => {
          loop = on.loop;
          const client = new Recorder();
          const options = { ssl: TRUST, serverHostname: 'localhost' };
          const [outer] = await loop.createConnection(() => client, '127.0.0.1', on.port, options);
          outer.write('STARTTLS');
          await client.inbox.has(2);
          const inner = await loop.startTls(outer, client, TRUST, { serverHostname: 'localhost' });
          const data = randomData(3_000_000);
          inner.write(data);
          await client.inbox.has(2 + data.length);
          equal(sha256(client.inbox.bytes().subarray(2)), sha256(data));
          inner.close();
          equal(await client.lost, null);
          await server.lost.promise;
        },
        { ssl: SERVER },
      );
    });

    it('fails as the handshake does, and the connection is over', () =>
      withNodeServer(
        null,
        (socket) => socket.once('data', () => socket.write('this is no TLS at all, not a bit')),
        (port) =>
          withLoop(async (loop) => {
            const client = new Recorder();
            const [raw] = await loop.createConnection(() => client, '127.0.0.1', port);
            const starting = loop.startTls(raw, client, TRUST, { serverHostname: 'localhost' });
            await rejects(starting, { code: /^(ERR_SSL|EPROTO)/ });
            equal(((await client.lost) as { code?: string }).code?.startsWith('E'), true);
          }),
      ));

    it('cancelled, it closes the connection', () =>
      withNodeServer(
        null,
        () => {},
        (port) =>
          withLoop(async (loop) => {
            for (const turns of [0, 1, 20]) {
              const client = new Recorder();
              const [raw] = await loop.createConnection(() => client, '127.0.0.1', port);
              const starting = loop.startTls(raw, client, TRUST, { serverHostname: 'localhost' });
              for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
              starting.cancel();
              await rejects(starting, CancelledError);
              equal(await client.lost, null);
            }
          }),
      ));

    it('gives up when its time is up', () =>
      withNodeServer(
        null,
        () => {},
        (port) =>
          withLoop(async (loop) => {
            const client = new Recorder();
            const [raw] = await loop.createConnection(() => client, '127.0.0.1', port);
            const options = { serverHostname: 'localhost', sslHandshakeTimeout: 10 };
            await rejects(loop.startTls(raw, client, TRUST, options), { code: 'ECONNABORTED' });
            equal(((await client.lost) as { code?: string }).code, 'ECONNABORTED');
          }),
      ));

    it('needs an open transport of a socket, a protocol, a context and a name', () =>
      withNodeServer(
        null,
        () => {},
        (port) =>
          withLoop(async (loop) => {
            const client = new Recorder();
            const [raw] = await loop.createConnection(() => client, '127.0.0.1', port);
            const start = (...args: unknown[]) =>
              loop.startTls(...(args as [Transport, Protocol, object]));
            throws(() => start({}, client, TRUST, { serverHostname: '' }), /^TypeError.*transport/);
            throws(() => start(raw, {}, TRUST, { serverHostname: '' }), /^TypeError.*protocol/);
            throws(
              () => start(raw, client, true),
              /^TypeError.*sslcontext must be a SecureContext/,
            );
            throws(() => start(raw, client, TRUST), /You must set serverHostname/);
            throws(() => start(raw, client, TRUST, { serverSide: 1 }), /^TypeError.*serverSide/);
            equal(raw.getProtocol(), client);
            raw.close();
            await rejects(start(raw, client, TRUST, { serverHostname: '' }), { code: 'ENOTCONN' });
            await client.lost;
          }),
      ));
  });
});
