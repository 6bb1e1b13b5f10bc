/**
 * What the tests of TLS are made of: certificates, both engines, peers on node:tls.
 *
 * The certificates are those of test/certificates; make.sh there says what each is. TLS moves its bytes by
 * OpenSSL where the addon can, else by Node's streams: what holds for one has to hold for the other.
 */

import { deepEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  type AddressInfo,
  createServer as createPlainServer,
  type Server,
  type Socket,
} from 'node:net';
import tls, { type ConnectionOptions, type TLSSocket, type TlsOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { EventLoop, ProtocolFactory, ServeOptions, SslObject, SystemError } from 'uvio';
import { native } from '../../src/binding/addon.js';
import { Peer, Recorder, type ServerContext, withServer } from './peers.js';

const folder = new URL('../../../test/certificates/', import.meta.url);

/** The path of a file of test/certificates. */
export const certificatePath = (name: string) => fileURLToPath(new URL(name, folder));

const read = (name: string) => readFileSync(certificatePath(name));

const identity = (name: string) => ({ key: read(`${name}.key`), cert: read(`${name}.pem`) });

export const AUTHORITY = read('authority.pem');
/** Of localhost, 127.0.0.1 and ::1. */
export const SERVER = identity('server');
/** Of other.example. */
export const OTHER = identity('other');
export const CLIENT = identity('client');
/** Of localhost too, but signed by nobody else. */
export const LONELY = identity('lonely');
/** What a client needs to trust these. */
export const TRUST = { ca: AUTHORITY };

/** Runs a suite twice: with OpenSSL, and with Node's streams in its place. */
export function withBothEngines(suite: () => void): void {
  describe('by OpenSSL', () => {
    before(function () {
      if (native.TlsWrap === undefined) this.skip();
    });
    suite();
  });
  describe('by Node’s streams', () => {
    let openSsl: typeof native.TlsWrap;
    before(() => {
      openSsl = native.TlsWrap;
      delete native.TlsWrap;
    });
    after(() => {
      if (openSsl !== undefined) native.TlsWrap = openSsl;
    });
    suite();
  });
}

/** A server with TLS on loopback. */
export function withTlsServer<T>(
  factory: ProtocolFactory,
  body: (on: ServerContext) => Promise<T>,
  ssl: TlsOptions = SERVER,
  options: ServeOptions = {},
): Promise<T> {
  return withServer(factory, body, { ...options, ssl });
}

/** A client on node:tls. */
export class TlsPeer extends Peer {
  declare readonly socket: TLSSocket;

  static async secure(port: number, options?: ConnectionOptions): Promise<TlsPeer> {
    const socket = tls.connect({
      host: 'localhost',
      port,
      family: 4,
      ...TRUST,
      ...options,
    } as object);
    const peer = new TlsPeer(socket);
    await once(socket, 'secureConnect');
    return peer;
  }
}

/** Runs `body` with a server of node:tls, or of node:net when there are no options. */
export async function withNodeServer<T>(
  options: TlsOptions | null,
  handler: (socket: TLSSocket) => void,
  body: (port: number) => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>();
  const serve = (socket: Socket) => {
    socket.on('error', () => socket.destroy());
    handler(socket as TLSSocket);
  };
  const server: Server =
    options === null ? createPlainServer(serve) : tls.createServer(options, serve);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await body((server.address() as AddressInfo).port);
  } finally {
    server.close();
    // Those that shake hands still, too.
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  }
}

/** Connects to `port`, as to localhost, whose certificate is trusted. */
export async function connectTo(loop: EventLoop, port: number, client: Recorder, options = {}) {
  const all = { family: 4 as const, ssl: TRUST, ...options };
  const [transport] = await loop.createConnection(() => client, 'localhost', port, all);
  return transport;
}

/** Connects to `port`, as to localhost, and gives the code of what that fails with. */
export async function refusal(
  on: { loop: ServerContext['loop'] },
  port: number,
  ssl: object | true,
) {
  const client = new Recorder();
  const options = { family: 4 as const, ssl };
  try {
    await on.loop.createConnection(() => client, 'localhost', port, options);
  } catch (error) {
    deepEqual(client.events, []);
    return (error as SystemError).code;
  }
  return 'connected';
}

/** Done when `server` has no connection left. */
export async function isDeserted({ server }: ServerContext): Promise<void> {
  server.close();
  await server.waitClosed();
}

/** What is known of a transport's TLS. */
export function tlsOf(transport: { getExtraInfo(name: string): unknown }): SslObject {
  return transport.getExtraInfo('sslObject') as SslObject;
}
