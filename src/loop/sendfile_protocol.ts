/**
 * The protocol of a transport while a file is written to it block by block: asyncio's _SendfileFallbackProtocol.
 *
 * It hears of the transport's flow control in the place of the program's own protocol, which gets its transport back
 * as it was. Invariant: a wait for room ends when the connection does.
 */

import { RuntimeError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import type { Scheduler } from '../core/scheduler.js';
import type { FlowControl } from '../io/flow_control.js';
import { Protocol, type StreamProtocol } from '../io/protocols.js';
import type { Transport } from '../io/transports.js';
import { systemError, UV_ECONNABORTED } from '../util/system_error.js';

/** A transport that knows whether its protocol has been told to pause. */
export type FlowingTransport = Transport & Pick<FlowControl, '_isPaused'>;

export class SendfileProtocol extends Protocol {
  readonly #loop: Scheduler;
  readonly #transport: FlowingTransport;
  readonly #protocol: StreamProtocol;
  readonly #wasReading: boolean;
  readonly #wasPaused: boolean;
  /** Done when there is room; null while there is. */
  #room: Future<void> | null = null;

  constructor(loop: Scheduler, transport: FlowingTransport) {
    super();
    this.#loop = loop;
    this.#transport = transport;
    this.#protocol = transport.getProtocol();
    this.#wasReading = transport.isReading();
    this.#wasPaused = transport._isPaused;
    transport.pauseReading();
    transport.setProtocol(this);
    if (this.#wasPaused) this.pauseWriting();
  }

  /** @throws the system error of a connection that has gone */
  checkOpen(): void {
    if (this.#transport.isClosing()) throw systemError(UV_ECONNABORTED, 'sendfile');
  }

  /** Waits for room. @throws as checkOpen() */
  async drain(): Promise<void> {
    this.checkOpen();
    if (this.#room !== null) await this.#room;
  }

  /** Gives the transport back, and tells its protocol what it has missed. */
  restore(): void {
    this.#transport.setProtocol(this.#protocol);
    if (this.#wasReading) this.#transport.resumeReading();
    if (this.#room !== null && !this.#room.done()) this.#room.cancel();
    const isPaused = this.#transport._isPaused;
    if (this.#wasPaused && !isPaused) this.#protocol.resumeWriting?.();
    if (!this.#wasPaused && isPaused) this.#protocol.pauseWriting?.();
  }

  override pauseWriting(): void {
    this.#room ??= new Future<void>({ loop: this.#loop });
  }

  override resumeWriting(): void {
    if (this.#room !== null && !this.#room.done()) this.#room.setResult();
    this.#room = null;
  }

  override connectionLost(exception: Error | null): void {
    const room = this.#room;
    if (room !== null && !room.done()) {
      room.setException(exception ?? systemError(UV_ECONNABORTED, 'sendfile'));
    }
    this.#protocol.connectionLost(exception);
  }

  override dataReceived(): void {
    throw new RuntimeError('Invalid state: reading should be paused');
  }

  override eofReceived(): void {
    throw new RuntimeError('Invalid state: reading should be paused');
  }
}
