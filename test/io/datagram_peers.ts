/**
 * What the datagram tests are made of: a protocol that writes down what happened to it, and sockets of
 * node:dgram to talk to.
 */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  type DatagramOptions,
  DatagramProtocol,
  type DatagramTransport,
  type EventLoop,
  type SocketAddress,
} from 'uvio';
import { Deferred } from './peers.js';

/** Lets a test wait for the next item, or for those that came before. */
export class Mailbox<T> {
  readonly all: T[] = [];
  #taken = 0;
  #waiting: Deferred<void> | null = null;

  push(item: T): void {
    this.all.push(item);
    this.#waiting?.resolve();
  }

  /** The first item that next() has not given yet. */
  async next(): Promise<T> {
    while (this.#taken === this.all.length) {
      this.#waiting = new Deferred<void>();
      await this.#waiting.promise;
    }
    return this.all[this.#taken++] as T;
  }
}

export interface Received {
  data: Buffer;
  addr: SocketAddress;
}

/** What a DatagramRecorder does besides writing down. */
export interface DatagramHooks {
  connectionMade?(transport: DatagramTransport): void;
  datagramReceived?(data: Buffer, addr: SocketAddress, transport: DatagramTransport): void;
  errorReceived?(error: Error): void;
  connectionLost?(): void;
}

/** A protocol that writes down every call. */
export class DatagramRecorder extends DatagramProtocol {
  readonly events: string[] = [];
  readonly inbox = new Mailbox<Received>();
  readonly errors = new Mailbox<NodeJS.ErrnoException>();
  transport!: DatagramTransport;
  readonly #lost = new Deferred<Error | null>();
  readonly #resumed = new Deferred<void>();
  readonly lost = this.#lost.promise;
  readonly resumed = this.#resumed.promise;

  constructor(readonly hooks: DatagramHooks = {}) {
    super();
  }

  override connectionMade(transport: DatagramTransport): void {
    this.events.push('connectionMade');
    this.transport = transport;
    this.hooks.connectionMade?.(transport);
  }

  override datagramReceived(data: Buffer, addr: SocketAddress): void {
    if (this.events.at(-1) !== 'datagramReceived') this.events.push('datagramReceived');
    this.inbox.push({ data, addr });
    this.hooks.datagramReceived?.(data, addr, this.transport);
  }

  override errorReceived(error: Error): void {
    this.events.push('errorReceived');
    this.errors.push(error as NodeJS.ErrnoException);
    this.hooks.errorReceived?.(error);
  }

  override pauseWriting(): void {
    this.events.push('pauseWriting');
  }

  override resumeWriting(): void {
    this.events.push('resumeWriting');
    this.#resumed.resolve();
  }

  override connectionLost(exception: Error | null): void {
    this.events.push('connectionLost');
    this.hooks.connectionLost?.();
    this.#lost.resolve(exception);
  }

  /** The next datagram as text. */
  async text(): Promise<string> {
    return (await this.inbox.next()).data.toString('latin1');
  }
}

/** Sends back what it gets. */
export const echo = () =>
  new DatagramRecorder({
    datagramReceived: (data, addr, transport) => transport.sendto(data, addr),
  });

/** An endpoint of `loop`, by default on loopback; `protocol.lost` is awaited by close(). */
export async function endpoint(
  loop: EventLoop,
  options: DatagramOptions = { localAddr: ['127.0.0.1', 0] },
  protocol = new DatagramRecorder(),
): Promise<DatagramRecorder> {
  await loop.createDatagramEndpoint(() => protocol, options);
  return protocol;
}

export function addressOf(protocol: DatagramRecorder): SocketAddress {
  return protocol.transport.getExtraInfo('sockname') as SocketAddress;
}

/** Closes endpoints and waits until they are. */
export async function closeAll(...protocols: DatagramRecorder[]): Promise<void> {
  for (const { transport } of protocols) transport.close();
  for (const { lost } of protocols) await lost;
}

/** A socket of node:dgram. */
export class DatagramPeer {
  readonly inbox = new Mailbox<{ data: Buffer; from: RemoteInfo }>();

  constructor(readonly socket: Socket) {
    socket.on('message', (data, from) => this.inbox.push({ data, from }));
  }

  static async bind(type: 'udp4' | 'udp6' = 'udp4', address?: string): Promise<DatagramPeer> {
    const socket = createSocket(type);
    const peer = new DatagramPeer(socket);
    socket.bind(0, address ?? (type === 'udp4' ? '127.0.0.1' : '::1'));
    await once(socket, 'listening');
    return peer;
  }

  get port(): number {
    return this.socket.address().port;
  }

  send(data: string | Buffer, to: { address: string; port: number }): void {
    this.socket.send(data, to.port, to.address);
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }
}
