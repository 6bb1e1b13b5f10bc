/**
 * TLS of streams: ssl in the functions that open them, and StreamWriter.startTls().
 */

import { deepEqual, equal, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import {
  type ClientConnectedCallback,
  openConnection,
  openUnixConnection,
  startUnixServer,
} from 'uvio';
import { withFolder } from '../io/local_peers.js';
import { Deferred, Peer } from '../io/peers.js';
import { SERVER, TlsPeer, TRUST, tlsOf, withNodeServer } from '../io/tls_peers.js';
import { leavesNothingOpen } from '../support.js';
import { inTask, withStreamServer } from './stream_support.js';

/** Echoes lines, until the client ends. */
const echo: ClientConnectedCallback = async (reader, writer) => {
  for await (const line of reader) {
    writer.write(line);
    await writer.drain();
  }
  writer.close();
};

/** As echo(), but the first line is answered with 'OK', and TLS begins after it. */
const upgradingEcho: ClientConnectedCallback = async (reader, writer) => {
  equal(String(await reader.readline()), 'STARTTLS\n');
  writer.write('OK\n');
  await writer.startTls(SERVER);
  await echo(reader, writer);
};

const SSL = { family: 4 as const, ssl: TRUST };

describe('streams over TLS', () => {
  leavesNothingOpen();

  it('a server and a client', () =>
    withStreamServer(
      echo,
      async ({ port }) => {
        const [reader, writer] = await openConnection('localhost', port, SSL);
        writer.write('one\ntwo\n');
        await writer.drain();
        equal(String(await reader.readline()), 'one\n');
        equal(String(await reader.readline()), 'two\n');
        equal(tlsOf(writer).authorized, true);
        equal(writer.canWriteEof(), false);
        writer.close();
        await writer.waitClosed();
        equal(reader.atEof(), true);
      },
      { ssl: SERVER },
    ));

  it('unix sockets, which have no name of their own', () =>
    withFolder((folder) =>
      inTask(async () => {
        const path = join(folder, 'socket');
        const server = await startUnixServer(echo, path, { ssl: SERVER });
        const options = { ssl: TRUST, serverHostname: 'localhost' };
        const [reader, writer] = await openUnixConnection(path, options);
        writer.write('hello\n');
        equal(String(await reader.readline()), 'hello\n');
        writer.close();
        await writer.waitClosed();
        server.close();
        await server.waitClosed();
      }),
    ));

  it('a reader takes the last line before the end', () =>
    withNodeServer(
      SERVER,
      (socket) => socket.end('first\nlast'),
      (port) =>
        inTask(async () => {
          const [reader, writer] = await openConnection('localhost', port, SSL);
          equal(String(await reader.readline()), 'first\n');
          equal(String(await reader.read()), 'last');
          writer.close();
          await writer.waitClosed();
        }),
    ));

  it('startTls() on both sides', () =>
    withStreamServer(upgradingEcho, async ({ port }) => {
      const [reader, writer] = await openConnection('127.0.0.1', port);
      const plain = writer.transport;
      writer.write('STARTTLS\n');
      equal(String(await reader.readline()), 'OK\n');
      await writer.startTls(TRUST, { serverHostname: 'localhost' });
      equal(writer.transport === plain, false);
      equal(plain.getProtocol() === writer.transport.getProtocol(), false);
      writer.write('secret\n');
      equal(String(await reader.readline()), 'secret\n');
      equal(tlsOf(writer).servername, 'localhost');
      writer.close();
      await writer.waitClosed();
    }));

  it('startTls() takes what the reader has buffered for TLS', async () => {
    const go = new Deferred<void>();
    const buffered = new Deferred<void>();
    await withStreamServer(
      async (reader, writer) => {
        equal(String(await reader.readline()), 'STARTTLS\n');
        // The client's hello is here before anybody asks for it.
        while (!/ [0-9]+ bytes/.test(String(reader))) await new Promise(setImmediate);
        buffered.resolve();
        await go.promise;
        await writer.startTls(SERVER);
        await echo(reader, writer);
      },
      async ({ port }) => {
        const socket = connect(port, '127.0.0.1');
        await once(socket, 'connect');
        socket.write('STARTTLS\n');
        const secure = tls.connect({ socket, servername: 'localhost', ...TRUST } as object);
        const peer = new TlsPeer(secure);
        await buffered.promise;
        go.resolve();
        await once(secure, 'secureConnect');
        equal(await peer.ask('hello\n'), 'hello\n');
        secure.end();
        await peer.closed;
      },
    );
  });

  it('startTls() goes on reading when the reader had paused its transport', async () => {
    const filled = new Deferred<void>();
    await withStreamServer(
      async (reader, writer) => {
        equal(String(await reader.readline()), 'STARTTLS\n');
        while (!String(reader).includes('paused')) await new Promise(setImmediate);
        filled.resolve();
        await writer.startTls(SERVER).catch(() => {});
        writer.close();
      },
      async ({ port }) => {
        const peer = await Peer.connect(port);
        peer.socket.write('STARTTLS\n');
        peer.socket.write(Buffer.alloc(1000, 'no hello'));
        await filled.promise;
        await peer.closed;
      },
      { limit: 100 },
    );
  });

  it('startTls() that fails ends the connection', () =>
    withStreamServer(upgradingEcho, async ({ port, reports }) => {
      const [reader, writer] = await openConnection('127.0.0.1', port);
      writer.write('STARTTLS\n');
      await reader.readline();
      const starting = writer.startTls({}, { serverHostname: 'localhost' });
      await rejects(starting, { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
      await rejects(writer.waitClosed(), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
      while (reports.length === 0) await new Promise(setImmediate);
      deepEqual(
        reports.splice(0).map(({ message }) => message),
        ['Unhandled exception in client_connected_cb'],
      );
    }));

  it('a handler that fails says goodbye', () =>
    withStreamServer(
      async () => {
        throw new Error('no handler today');
      },
      async ({ port, reports }) => {
        const peer = await TlsPeer.secure(port);
        await peer.ended;
        equal(await peer.closed, null);
        equal(reports.splice(0).length, 1);
      },
      { ssl: SERVER },
    ));
});
