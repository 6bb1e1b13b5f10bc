/**
 * Decrypted bytes on their way to the protocol: the reading half of a TLS transport, and what calls the protocol.
 *
 * Invariant: the protocol gets them in order, none before open() or while reading is paused, and hears of the
 * end after the last of them. What it throws is for the owner to judge.
 */

import { RuntimeError } from '../core/exceptions.js';
import { checkStreamProtocol, isBuffered, type StreamProtocol } from './protocols.js';
import type { Reactor } from './reactor.js';

/** What an inbox tells of. */
export interface InboxOwner {
  /** All that the peer has sent was delivered. */
  _delivered(): void;
  _protocolFailed(exception: unknown, method: string): void;
  readonly _reactor: Pick<Reactor, 'lendMemory' | 'takeMemoryBack' | 'scheduler'>;
  /** The transport below, once there is one. */
  readonly _raw: object | null;
}

type ProtocolMethod =
  | 'connectionMade'
  | 'eofReceived'
  | 'pauseWriting'
  | 'resumeWriting'
  | 'connectionLost';
type Method = (argument: unknown) => unknown;

export class TlsInbox {
  readonly #owner: InboxOwner;
  #protocol: StreamProtocol;
  #buffered = false;
  #held: Buffer[] = [];
  #opened = false;
  #paused = false;
  #ended = false;
  #endTold = false;
  #dropped = false;
  /** The protocol's method that has returned last; empty for none, which is for the owner to set. */
  called = '';

  /** @throws TypeError unless it is a protocol */
  constructor(protocol: StreamProtocol, owner: InboxOwner) {
    checkStreamProtocol(protocol);
    this.#protocol = protocol;
    this.#buffered = isBuffered(protocol);
    this.#owner = owner;
  }

  get protocol(): StreamProtocol {
    return this.#protocol;
  }

  /** @throws TypeError unless it is a protocol */
  set protocol(protocol: StreamProtocol) {
    checkStreamProtocol(protocol);
    this.#protocol = protocol;
    this.#buffered = isBuffered(protocol);
  }

  get paused(): boolean {
    return this.#paused;
  }

  get ended(): boolean {
    return this.#ended;
  }

  push(bytes: Buffer): void {
    if (this.#dropped) return;
    if (!this.#buffered && this.#isFree && this.#held.length === 0) {
      this.#deliver(bytes);
      return;
    }
    this.#held.push(bytes);
    this.deliver();
  }

  /** Nothing comes after what was pushed. */
  end(): void {
    this.#ended = true;
    this.deliver();
  }

  /** The protocol may be told from now on. */
  open(): void {
    this.#opened = true;
    this.deliver();
  }

  pause(): void {
    this.#paused = true;
  }

  /** Call deliver() after it, when the protocol expects to be called. */
  resume(): void {
    this.#paused = false;
  }

  /** Has the loop call what may call the protocol: debug mode names that. */
  callSoon(call: () => void): void {
    const { _reactor: reactor } = this.#owner;
    const _ranFor = () => this.#owner._raw ?? this.#owner;
    Object.assign(reactor.scheduler.callSoon(call), { _ranFor });
  }

  /** Calls a method that the protocol may have, other than those for bytes. */
  call(method: ProtocolMethod, argument?: unknown): unknown {
    const protocol = this.#protocol as unknown as Record<ProtocolMethod, Method | undefined>;
    try {
      return protocol[method]?.(argument);
    } catch (error) {
      this.#owner._protocolFailed(error, method);
      return undefined;
    } finally {
      this.called = method;
    }
  }

  /** The protocol wants nothing more. */
  drop(): void {
    this.#dropped = true;
    this.#held = [];
  }

  /** Whether all is with the protocol, so that more may come. */
  deliver(): boolean {
    while (this.#isFree) {
      const bytes = this.#held.shift();
      if (bytes === undefined) break;
      this.#deliver(bytes);
    }
    if (!this.#isFree || this.#held.length > 0) return false;
    if (this.#ended && !this.#endTold) {
      this.#endTold = true;
      this.#owner._delivered();
    }
    return true;
  }

  get #isFree(): boolean {
    return this.#opened && !this.#paused && !this.#dropped;
  }

  #deliver(bytes: Buffer): void {
    if (this.#buffered) {
      this.#deliverBuffered(bytes);
      return;
    }
    try {
      (this.#protocol as { dataReceived(data: Buffer): void }).dataReceived(bytes);
    } catch (error) {
      this.#owner._protocolFailed(error, 'dataReceived');
    }
    this.called = 'dataReceived';
  }

  #deliverBuffered(bytes: Buffer): void {
    const protocol = this.#protocol as {
      getBuffer(sizeHint: number): unknown;
      bufferUpdated(size: number): void;
    };
    let method = 'getBuffer';
    this.#owner._reactor.lendMemory();
    try {
      const buffer = protocol.getBuffer(bytes.length);
      if (!(buffer instanceof Uint8Array) || buffer.byteLength === 0) {
        throw new RuntimeError('getBuffer() returned an empty buffer');
      }
      const size = bytes.copy(buffer);
      // Before the protocol can ask for more.
      if (size < bytes.length) this.#held.unshift(bytes.subarray(size));
      method = 'bufferUpdated';
      protocol.bufferUpdated(size);
    } catch (error) {
      this.#owner._protocolFailed(error, method);
    } finally {
      this.called = method;
      this.#owner._reactor.takeMemoryBack();
    }
  }
}
