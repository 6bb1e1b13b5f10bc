/**
 * Node's TLSSocket over the bytes of a transport: makes the handshake, with all that Node's tls can do in one
 * (names, certificates, callbacks, sessions), then hands over to an engine.
 *
 * Invariant: OpenSSL is taken over only when Node has nothing under way: all that it wanted to send has gone,
 * all that it decrypted has arrived. Encrypted bytes must not be given to it in between.
 */

import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { native } from '../binding/addon.js';
import { TLS_SIZE_UNIT, type TlsWrap } from '../binding/tls_contract.js';
import { outsideTasks } from '../core/context.js';
import { runningLoop } from '../core/running.js';
import type { Scheduler } from '../core/scheduler.js';
import { systemError, UV_ECONNRESET } from '../util/system_error.js';
import { OpenSslEngine, SocketEngine, type TlsEngine, type TlsSink } from './tls_engine.js';
import type { TlsInbox } from './tls_inbox.js';
import type { TlsSettings } from './tls_options.js';

/** What hears of the handshake: always in the loop, although Node may have other ideas. */
export interface HandshakeOwner extends TlsSink {
  /** The handshake is over: no bytes are to be received until _established(). */
  _shakenHands(): void;
  _established(engine: TlsEngine): void;
  readonly _inbox: Pick<TlsInbox, 'callSoon'>;
}

interface VerifyError extends Error {
  code?: string;
}

/** What Node keeps to itself of a TLSSocket and one needs to know. */
interface Internals {
  readonly _handle: { verifyError(): VerifyError | null } | null;
}

export class HandshakeSocket {
  readonly socket: TLSSocket;
  readonly #duplex: Duplex;
  readonly #owner: HandshakeOwner;
  readonly #wrap: TlsWrap | null;
  readonly #loop: Scheduler;
  /** What the owner has not been told yet. */
  readonly #news: (() => void)[] = [];
  #destroyed = false;

  /** @throws what Node throws of options that it cannot use */
  constructor(loop: Scheduler, settings: TlsSettings, owner: HandshakeOwner) {
    this.#loop = loop;
    this.#owner = owner;
    this.#duplex = new Duplex({
      read() {},
      write(bytes: Buffer, _encoding, done) {
        owner._ciphertext(bytes, bytes.byteLength);
        done();
      },
    });
    const wrap = native.TlsWrap === undefined ? null : new native.TlsWrap();
    let captured = false;
    wrap?.beginCapture();
    try {
      this.socket = outsideTasks(() => makeSocket(this.#duplex, settings));
    } finally {
      captured = wrap?.endCapture() ?? false;
    }
    this.#wrap = captured ? wrap : null;
    this.#listen(settings);
  }

  receive(bytes: Buffer): void {
    this.#duplex.push(bytes);
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.socket.destroy();
  }

  #listen(settings: TlsSettings): void {
    const { socket } = this;
    const owner = this.#owner;
    const fail = (error?: Error | null) => {
      if (this.#destroyed) return;
      this.#tell(() => owner._failed(error ?? new Error('The TLS socket was destroyed')));
    };
    socket.on('data', (bytes: Buffer) => this.#tell(() => owner._plaintext(bytes)));
    socket.on('end', () => this.#tell(() => owner._ended()));
    socket.on('error', fail);
    // How it tells of a handshake that failed on a server.
    socket.on('_tlsError', fail);
    socket.on('close', () => {
      // After both sides have ended it goes by itself.
      if (!socket.readableEnded || !socket.writableFinished) fail();
    });
    this.#duplex.on('error', fail);
    if (settings.serverSide) socket.on('secure', () => this.#checkClient(settings));
    else socket.on('secureConnect', () => this.#handOver());
  }

  /** Calls in the loop: at once, or in the next batch, after all that waits for that. */
  #tell(call: () => void): void {
    if (this.#news.length === 0 && runningLoop() === this.#loop) {
      call();
      return;
    }
    this.#news.push(call);
    if (this.#news.length > 1 || this.#loop.isClosed()) return;
    this.#owner._inbox.callSoon(() => {
      for (const news of this.#news.splice(0)) news();
    });
  }

  /** As tls.Server does; a client's checks of its server are made by tls.connect(). */
  #checkClient({ options }: TlsSettings): void {
    const { socket } = this;
    if (options.requestCert === true) {
      const { _handle: handle } = socket as unknown as Internals;
      const gone: VerifyError = new Error('The TLS socket was destroyed');
      const error = handle === null ? gone : (handle.verifyError() ?? null);
      socket.authorized = error === null;
      if (error !== null) {
        Object.assign(socket, { authorizationError: error.code ?? error.message });
        if (options.rejectUnauthorized === true) {
          this.#tell(() => this.#owner._failed(error));
          return;
        }
      }
    }
    this.#handOver();
  }

  #handOver(): void {
    if (this.#destroyed) return;
    const wrap = this.#wrap;
    if (wrap === null) {
      const push = (bytes: Buffer) => this.receive(bytes);
      const tell = (call: () => void) => this.#tell(call);
      const engine = new SocketEngine(this.socket, push, tell, this.#owner);
      this.#tell(() => this.#owner._established(engine));
      return;
    }
    // At once: the bytes that come next are not for Node.
    this.#owner._shakenHands();
    setImmediate(() => this.#takeOver(wrap));
  }

  #takeOver(wrap: TlsWrap): void {
    if (this.#destroyed) return;
    // Node says that its bytes have been written one of its own immediates later.
    if (wrap.pending() >= TLS_SIZE_UNIT || this.socket.readableLength > 0) {
      setImmediate(() => this.#takeOver(wrap));
      return;
    }
    wrap.takeOver();
    this.#tell(() => this.#owner._established(new OpenSslEngine(wrap, this.#owner)));
  }
}

function makeSocket(duplex: Duplex, settings: TlsSettings): TLSSocket {
  const { context, options, serverSide } = settings;
  // What concerns the socket and not its TLS is ours to do.
  const given = options as Record<string, unknown>;
  const { signal: _signal, timeout: _timeout, pauseOnConnect: _pause, ...rest } = given;
  const all = { ...rest, secureContext: context };
  // Not imported: only a program with TLS shall load Node's.
  const tls = process.getBuiltinModule('node:tls');
  if (!serverSide) return tls.connect({ ...all, socket: duplex });
  return new tls.TLSSocket(duplex, { ...all, handshakeTimeout: 0, isServer: true } as object);
}

/** What ends a handshake whose peer has gone, in Node's words. */
export function disconnected(): Error {
  const message = 'Client network socket disconnected before secure TLS connection was established';
  return systemError(UV_ECONNRESET, 'handshake', { message });
}
