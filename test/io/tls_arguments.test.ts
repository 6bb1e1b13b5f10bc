/**
 * What the functions that take `ssl` refuse, before anything is opened: asyncio's words, in camelCase.
 */

import { throws } from 'node:assert/strict';
import tls from 'node:tls';
import { type EventLoop, openConnection, openUnixConnection, startServer } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { Echo, withLoop } from './peers.js';
import { SERVER, TRUST } from './tls_peers.js';

const factory = () => new Echo();

const CLIENT_CASES: [title: string, options: object, error: RegExp | object][] = [
  ['a name without ssl', { serverHostname: 'x' }, /serverHostname is only meaningful with ssl/],
  [
    'a handshake without ssl',
    { sslHandshakeTimeout: 1 },
    /sslHandshakeTimeout is only meaningful with ssl/,
  ],
  [
    'a shutdown without ssl',
    { sslShutdownTimeout: 1 },
    /sslShutdownTimeout is only meaningful with ssl/,
  ],
  ['an ssl of no kind', { ssl: 'yes' }, /^TypeError.*ssl must be true, a SecureContext or/],
  ['a name that is none', { ssl: true, serverHostname: 7 }, /^TypeError.*serverHostname must be/],
  [
    'a name with a zero byte',
    { ssl: true, serverHostname: 'a\0b' },
    /^TypeError.*serverHostname must be/,
  ],
  [
    'no time for the handshake',
    { ssl: true, sslHandshakeTimeout: 0 },
    /^RangeError.*sslHandshakeTimeout must be a positive number/,
  ],
  ['less than none', { ssl: true, sslShutdownTimeout: -1 }, /^RangeError.*sslShutdownTimeout/],
  ['no number', { ssl: true, sslShutdownTimeout: '1' }, /^TypeError.*sslShutdownTimeout/],
  ['a certificate that is none', { ssl: { cert: 'nonsense' } }, /no start line|PEM/i],
  [
    'a key that is another’s',
    { ssl: { cert: SERVER.cert, key: tls.rootCertificates[0] } },
    /PEM|key|DECODER/i,
  ],
  ['ciphers that nobody knows', { ssl: { ciphers: 'NO-SUCH' } }, /cipher/i],
  ['a context that is none', { ssl: { secureContext: {} } }, /^TypeError.*ssl.secureContext/],
];

const refuses = (call: (loop: EventLoop) => unknown, error: RegExp | object) =>
  withLoop(async (loop) => throws(() => call(loop), error));

describe('arguments of TLS', () => {
  leavesNothingOpen();

  for (const [title, options, error] of CLIENT_CASES) {
    it(`createConnection() refuses ${title}`, () =>
      refuses((loop) => loop.createConnection(factory, 'localhost', 1, options), error));
  }

  it('a server has no defaults', () =>
    refuses(
      (loop) => loop.createServer(factory, '127.0.0.1', 0, { ssl: true } as object),
      /^TypeError.*ssl must be a SecureContext, an object of options or null, got true/,
    ));

  for (const name of ['sslHandshakeTimeout', 'sslShutdownTimeout'] as const) {
    it(`a server’s ${name} needs ssl`, () =>
      refuses(
        (loop) => loop.createServer(factory, '127.0.0.1', 0, { [name]: 1 }),
        new RegExp(`${name} is only meaningful with ssl`),
      ));
    it(`${name} of an accepted socket needs ssl`, () =>
      refuses(
        (loop) => loop.connectAcceptedSocket(factory, 0, { [name]: 1 }),
        new RegExp(`${name} is only meaningful with ssl`),
      ));
  }

  it('a unix socket has no host whose name could be checked', () =>
    refuses(
      (loop) => loop.createUnixConnection(factory, '/nowhere', { ssl: TRUST }),
      /You must set serverHostname when using ssl without a host/,
    ));

  it('streams refuse the same', () =>
    withLoop((loop) =>
      loop.runUntilComplete(async () => {
        throws(() => openConnection('x', 1, { serverHostname: 'x' }), /only meaningful with ssl/);
        throws(() => openUnixConnection('x', { ssl: true }), /You must set serverHostname/);
        throws(() => startServer(() => {}, null, 0, { sslShutdownTimeout: 1 }), /only meaningful/);
      }),
    ));

  it('a protocol factory must be a function with TLS, too', () =>
    withLoop(async (loop) => {
      const none = 7 as unknown as typeof factory;
      throws(
        () => loop.createConnection(none, 'x', 1, { ssl: true }),
        /^TypeError.*protocolFactory/,
      );
      throws(
        () => loop.createServer(none, null, 0, { ssl: SERVER }),
        /^TypeError.*protocolFactory/,
      );
    }));
});
