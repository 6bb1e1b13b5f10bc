/*
 * The key-value server's bytes on a uvio Protocol, and its sweeping. Invariants: one write for one dataReceived(); a
 * connection whose peer does not read is not read either, so what one client can make the server hold is bounded.
 */

import { type EventLoop, Protocol, type TimerHandle, type Transport } from 'uvio';
import { type KvService, type Session, SWEEP_INTERVAL } from './session.js';

export class KvProtocol extends Protocol {
  private transport!: Transport;
  private session!: Session;

  constructor(private readonly service: KvService) {
    super();
  }

  override connectionMade(transport: Transport): void {
    this.transport = transport;
    this.session = this.service.connect();
  }

  override dataReceived(data: Buffer): void {
    const parts = this.session.receive(data);
    if (parts.length === 1) {
      this.transport.write(parts[0] as Buffer);
    } else if (parts.length > 1) {
      this.transport.writelines(parts);
    }
    if (this.session.closing) {
      this.transport.close();
    }
  }

  override pauseWriting(): void {
    this.transport.pauseReading();
  }

  override resumeWriting(): void {
    this.transport.resumeReading();
  }

  override connectionLost(): void {
    this.service.disconnect();
  }
}

/** Deletes expired keys from time to time; returns what ends that. */
export function keepSweeping(loop: EventLoop, service: KvService): () => void {
  let timer: TimerHandle;
  const sweep = () => {
    service.sweep();
    timer = loop.callLater(SWEEP_INTERVAL, sweep);
  };
  timer = loop.callLater(SWEEP_INTERVAL, sweep);
  return () => timer.cancel();
}
