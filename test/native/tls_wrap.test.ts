/**
 * TlsWrap used as nobody should: without a connection, with one that Node has freed, with anything for bytes.
 *
 * Its methods work on an object of OpenSSL's that belongs to Node; whatever the order of calls, the answer is a
 * number and never a crash.
 */

import { equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import tls, { TLSSocket } from 'node:tls';
import { native } from '../../src/binding/addon.js';
import type { TlsWrap } from '../../src/binding/tls_contract.js';
import { SERVER } from '../io/tls_peers.js';
import { leavesNothingOpen } from '../support.js';

const METHODS = ['pending', 'takeOver', 'decrypt', 'read', 'encrypt', 'take', 'shutdown'] as const;
const VALUES = [undefined, null, -1, 2 ** 33, 'text', {}, Buffer.alloc(0), Buffer.alloc(70_000)];

/** Calls every method with every pair of values; the results are numbers. */
function abuse(wrap: TlsWrap): void {
  for (const name of METHODS) {
    const method = (wrap as unknown as Record<string, (...args: unknown[]) => unknown>)[name];
    for (const one of VALUES) {
      for (const other of VALUES) equal(typeof method?.call(wrap, one, other, other), 'number');
    }
  }
  equal(typeof wrap.getError(), 'string');
}

const idle = () => new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() });

const open = () =>
  new TLSSocket(idle(), { isServer: true, secureContext: tls.createSecureContext(SERVER) });

describe('TlsWrap', () => {
  leavesNothingOpen();
  const Wrap = native.TlsWrap as new () => TlsWrap;
  before(function () {
    if (native.TlsWrap === undefined) this.skip();
  });

  it('without a connection every answer is -1', () => {
    const wrap = new Wrap();
    abuse(wrap);
    wrap.beginCapture();
    equal(wrap.endCapture(), false);
    abuse(wrap);
    equal(wrap.pending(), -1);
  });

  it('takes one connection, not two', () => {
    const wrap = new Wrap();
    wrap.beginCapture();
    const sockets = [open(), open()];
    equal(wrap.endCapture(), false);
    equal(wrap.pending(), -1);
    for (const socket of sockets) socket.destroy();
  });

  it('takes garbage for what it is, and errors for the caller', async () => {
    const wrap = new Wrap();
    wrap.beginCapture();
    const socket = open();
    equal(wrap.endCapture(), true);
    ok(wrap.pending() >= 0);
    abuse(wrap);
    socket.on('error', () => {});
    socket.destroy();
    await once(socket, 'close');
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    equal(wrap.pending(), -1);
    abuse(wrap);
  });

  it('may be forgotten while the connection lives, and the other way round', async () => {
    const sockets: TLSSocket[] = [];
    for (let count = 0; count < 200; count++) {
      const wrap = new Wrap();
      wrap.beginCapture();
      const socket = open();
      equal(wrap.endCapture(), true);
      if (count % 2 === 0) sockets.push(socket);
      else socket.destroy();
    }
    for (let times = 0; times < 3; times++) {
      globalThis.gc?.();
      await new Promise(setImmediate);
    }
    for (const socket of sockets) socket.destroy();
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    globalThis.gc?.();
  });
});
