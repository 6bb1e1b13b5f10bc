/**
 * TLS between a transport and a protocol: asyncio's SSLProtocol. It is the protocol of the transport below, and
 * the program's protocol has a TlsTransport.
 *
 * A connection shakes hands, is open, shuts down (each side says that it sends no more), and is lost. Invariant:
 * whoever waits for the handshake hears how it ended; the program's protocol is told of the loss exactly if it
 * was told of the connection; either stage ends when its time is up.
 */

import type { TimerHandle } from '../core/events.js';
import { TimeoutError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import type { Scheduler } from '../core/scheduler.js';
import { failed, finishedEmpty } from '../core/settled.js';
import { log } from '../util/logger.js';
import { systemError, UV_ECONNABORTED } from '../util/system_error.js';
import type { StreamProtocol } from './protocols.js';
import type { Reactor } from './reactor.js';
import type { TlsEngine } from './tls_engine.js';
import { type InboxOwner, TlsInbox } from './tls_inbox.js';
import { SslObject } from './tls_object.js';
import type { TlsSettings } from './tls_options.js';
import { disconnected, type HandshakeOwner, HandshakeSocket } from './tls_socket.js';
import { type RawTransport, TlsTransport } from './tls_transport.js';
import type { Transport } from './transports.js';

const UNMADE = 0;
const SHAKING_HANDS = 1;
/** The handshake is over, and Node is about to let go of the connection. */
const SHAKEN_HANDS = 2;
const OPEN = 3;
const CLOSING = 4;
const LOST = 5;

export class TlsProtocol implements HandshakeOwner, InboxOwner {
  readonly transport: TlsTransport;
  /** @internal */ readonly _reactor: Reactor;
  /** @internal */ readonly _settings: TlsSettings;
  /** @internal */ readonly _inbox: TlsInbox;
  /** @internal */ _raw: RawTransport | null = null;
  /** @internal */ _engine: TlsEngine | null = null;
  /** @internal */ _object: SslObject | null = null;
  readonly #loop: Scheduler;
  #state = UNMADE;
  #socket: HandshakeSocket | null = null;
  /** Whether the program's protocol knows of the connection. */
  #made: boolean;
  /** What came while Node let go. */
  #early: Buffer[] = [];
  #peerEnded = false;
  #ended = false;
  #endTold = false;
  #error: Error | null = null;
  #timer: TimerHandle | null = null;
  #waiter: Future<void> | null = null;
  #started = 0;

  /**
   * @param made whether `protocol` has had its connectionMade() already; it gets nothing before _inbox.open() then
   * @throws TypeError unless `protocol` is one
   */
  constructor(reactor: Reactor, protocol: StreamProtocol, settings: TlsSettings, made = false) {
    this._reactor = reactor;
    this.#loop = reactor.scheduler;
    this._settings = settings;
    this.#made = made;
    this._inbox = new TlsInbox(protocol, this);
    this.transport = new TlsTransport(this);
  }

  /** Done when the handshake is; fails with what ended it. */
  whenOpen(): Future<void> {
    if (this.#state === LOST) return failed(this.#loop, this.#error ?? disconnected());
    if (this.#state >= OPEN) return finishedEmpty(this.#loop);
    this.#waiter ??= new Future<void>({ loop: this.#loop });
    return this.#waiter;
  }

  // What the transport below calls.

  connectionMade(raw: Transport): void {
    if (this.#state !== UNMADE) return;
    this._raw = raw as RawTransport;
    this.#state = SHAKING_HANDS;
    this.#started = this.#loop.time();
    this.#debug('starts SSL handshake');
    const { handshakeTimeout } = this._settings;
    this.#timer = this.#loop.callLater(handshakeTimeout, () => {
      const message =
        `SSL handshake is taking longer than ${handshakeTimeout / 1000} seconds: ` +
        'aborting the connection';
      this._failed(systemError(UV_ECONNABORTED, 'handshake', { message }));
    });
    try {
      this.#socket = new HandshakeSocket(this.#loop, this._settings, this);
    } catch (error) {
      this._failed(error as Error);
    }
  }

  dataReceived(bytes: Buffer): void {
    this._inbox.called = '';
    if (this._engine !== null) this._engine.receive(bytes);
    else if (this.#state === SHAKING_HANDS) this.#socket?.receive(bytes);
    else if (this.#state === SHAKEN_HANDS) this.#early.push(bytes);
  }

  eofReceived(): boolean {
    this.#debug('received EOF');
    if (this.#state === SHAKING_HANDS) this._failed(disconnected());
    else this._ended();
    // The transport below is closed from here, if it lets itself be told.
    return this._raw?.canWriteEof() ?? true;
  }

  pauseWriting(): void {
    this.transport._pausedBelow(true);
  }

  resumeWriting(): void {
    this.transport._pausedBelow(false);
  }

  connectionLost(exception: Error | null): void {
    this.#state = LOST;
    this.#error ??= exception;
    this.#timer?.cancel();
    this._object?._keep();
    this.#socket?.destroy();
    this._inbox.drop();
    this.#wake(this.#error ?? disconnected());
    if (this.#made) this._inbox.call('connectionLost', this.#error);
  }

  /** Whom the transport below has called in the end: what debug mode names. @internal */
  _calledAbove(): { transport: TlsTransport; method: string } | null {
    const { called } = this._inbox;
    return called === '' ? null : { transport: this.transport, method: called };
  }

  // What Node's socket and the engine call.

  _shakenHands(): void {
    if (this.#state === SHAKING_HANDS) this.#state = SHAKEN_HANDS;
  }

  _established(engine: TlsEngine): void {
    if (this.#state !== SHAKING_HANDS && this.#state !== SHAKEN_HANDS) return;
    this.#timer?.cancel();
    this.#state = OPEN;
    this._engine = engine;
    const socket = (this.#socket as HandshakeSocket).socket;
    this._object = new SslObject(socket, this._settings.serverSide);
    this.#debug(`SSL handshake took ${(this.#loop.time() - this.#started).toFixed(1)} ms`);
    const early = this.#early;
    this.#early = [];
    if (!this.#made) {
      this.#made = true;
      this._inbox.call('connectionMade', this.transport);
      this.transport._controlWriting();
      this._inbox.open();
    }
    this.#wake(null);
    for (const bytes of early) if (this.#state < LOST) engine.receive(bytes);
    if (this.#peerEnded && this.#state === OPEN) this._inbox.end();
  }

  _ciphertext(bytes: Uint8Array, size: number): void {
    this._raw?._writeThrough(bytes, size);
  }

  _plaintext(bytes: Buffer): void {
    this._inbox.push(bytes);
  }

  _ended(): void {
    this.#peerEnded = true;
    this._object?._keep();
    if (this.#state === OPEN) this._inbox.end();
    else if (this.#state === CLOSING) this.#shutDown();
  }

  /** Ends the connection: with an error, unless that is null. */
  _failed(error: Error | null): void {
    if (this.#state === LOST) return;
    if (this.#state < OPEN) this.#handshakeFailed(error);
    this.#state = LOST;
    this.#error = error;
    this._inbox.drop();
    this._raw?.abort();
    this.#wake(error ?? disconnected());
  }

  _caughtUp(): void {
    this.transport._controlWriting();
  }

  // What the inbox calls.

  /** The peer has sent its last byte, and the protocol has it. */
  _delivered(): void {
    if (this.#state !== OPEN) return;
    this.#tellEnd();
    this._close();
  }

  _protocolFailed(exception: unknown, method: string): void {
    if (method === 'connectionLost') {
      this._report('Exception in callback connectionLost()', exception);
      return;
    }
    if (method === 'pauseWriting' || method === 'resumeWriting') {
      this._report(`protocol.${method}() failed`, exception);
      return;
    }
    this._report(`Fatal error: protocol.${method}() call failed.`, exception);
    this._failed(exception instanceof Error ? exception : new Error(String(exception)));
  }

  // What the transport above calls.

  /** @internal */
  get _isClosing(): boolean {
    return this.#state >= CLOSING;
  }

  /** @internal */
  get _isLost(): boolean {
    return this.#state === LOST;
  }

  /** Whether the program's protocol can be told of anything. @internal */
  get _isMade(): boolean {
    return this.#made && this.#state !== LOST;
  }

  /** Says that nothing more is sent, and waits for the peer to say so too. @internal */
  _close(): void {
    if (this.#state < OPEN) this._failed(null);
    if (this.#state !== OPEN) return;
    this.transport._flush();
    // What was just sent may have failed.
    if (this.#state !== OPEN) return;
    this.#state = CLOSING;
    this._inbox.drop();
    this.#timer = this.#loop.callLater(this._settings.shutdownTimeout, () =>
      this._failed(new TimeoutError('SSL shutdown timed out')),
    );
    this._engine?.shutdown(() => {
      this.#ended = true;
      this.#shutDown();
    });
    // Reading may be paused, and goes on until the peer has ended.
    if (!this.#peerEnded) this._raw?.resumeReading();
  }

  /** Lets go when both sides have said that they send no more. */
  #shutDown(): void {
    if (!this.#ended || !this.#peerEnded) return;
    this.#timer?.cancel();
    this.#tellEnd();
    this._raw?.close();
  }

  #tellEnd(): void {
    if (this.#endTold) return;
    this.#endTold = true;
    if (this._inbox.call('eofReceived') === true) {
      log('warn', 'returning true from eofReceived() has no effect when using ssl');
    }
  }

  #handshakeFailed(error: Error | null): void {
    if (error === null) return;
    this.#debug(`SSL handshake failed: ${error}`);
    if (!this._settings.serverSide || !this.#loop.getDebug()) return;
    this._report('Error on transport creation for incoming connection', error);
  }

  #wake(error: Error | null): void {
    const waiter = this.#waiter;
    this.#waiter = null;
    if (waiter === null || waiter.done()) return;
    if (error === null) waiter.setResult();
    else waiter.setException(error);
  }

  /** @internal */
  _report(message: string, exception: unknown): void {
    const { transport, _inbox: inbox } = this;
    const context = { message, exception, transport, protocol: inbox.protocol };
    this.#loop.callExceptionHandler(context);
  }

  #debug(message: string): void {
    this.#loop._logLife('debug', () => `${this.transport} ${message}`);
  }
}
