/**
 * UDP as a transport: asyncio's _SelectorDatagramTransport.
 *
 * A datagram is sent at once; what the kernel does not take is copied and queued, so memory given to
 * sendto() is the caller's again when it returns. Errors of the system go to errorReceived and end nothing.
 * Invariant: connectionMade and connectionLost are each called once, and the native socket is closed
 * after the latter.
 */

import { inspect } from 'node:util';
import { native } from '../binding/addon.js';
import type { HandleOwner, SocketAddress } from '../binding/contract.js';
import {
  RECORD_OFFSET,
  RECORD_SIZE,
  RECORD_WORDS,
  UDP_BROADCAST,
  UDP_RECEIVE_FAILED,
  UDP_RECEIVED,
  UDP_SEND_FAILED,
  UDP_SENT,
  type UdpWrap,
} from '../binding/datagram_contract.js';
import { rangeError, typeError } from '../util/check.js';
import { log } from '../util/logger.js';
import { nativeError, systemError } from '../util/system_error.js';
import { type AddressLike, checkHostAndPort } from './addresses.js';
import { toBytes } from './bytes.js';
import {
  checkDatagramSocket,
  checkDescriptor,
  type DescriptorSource,
  ownerOf,
  takeOver,
} from './descriptors.js';
import { FlowControl } from './flow_control.js';
import { checkDatagramProtocol, type DatagramProtocol } from './protocols.js';
import type { Reactor } from './reactor.js';
import type { TransportOwner } from './stream_transport.js';
import type { DatagramTransport, WriteData } from './transports.js';
import { DatagramSocket } from './udp_socket.js';

const { writeStream } = native;

// Datagrams to a lost socket are dropped; after this many, with a warning, as in asyncio.
const SILENT_SENDS_AFTER_LOSS = 5;

export interface BindOptions {
  reusePort: boolean;
  allowBroadcast: boolean;
}

export class UdpTransport extends FlowControl implements DatagramTransport, HandleOwner {
  readonly #reactor: Reactor;
  readonly #wrap: UdpWrap;
  readonly #socket: DatagramSocket;
  #protocol: DatagramProtocol;
  /** Where datagrams go that name no address. */
  #remote: SocketAddress | null = null;
  #connected = false;
  /** What closes the socket that was adopted, if that is an object. */
  #adopted: TransportOwner | null = null;
  #queued = 0;
  #made = false;
  #closing = false;
  #lost = false;
  #sendsAfterLoss = 0;

  /** @throws TypeError, or a system error when there can be no socket */
  constructor(reactor: Reactor, protocol: DatagramProtocol, family: 0 | 4 | 6) {
    super();
    checkDatagramProtocol(protocol);
    this.#reactor = reactor;
    this.#protocol = protocol;
    try {
      this.#wrap = new native.UdpWrap(reactor.wrap, this, family, reactor.addresses.records);
    } catch (error) {
      throw nativeError(error, 'socket');
    }
    this.#socket = new DatagramSocket(this.#wrap);
  }

  /** Binds and connects, for what is given, or closes the socket. @throws a system error @internal */
  _open(local: SocketAddress | null, remote: SocketAddress | null, options: BindOptions): void {
    const attempt = (error: number, syscall: string, at?: SocketAddress) => {
      if (error >= 0) return;
      this.#wrap.close();
      throw systemError(error, syscall, { address: at?.address, port: at?.port });
    };
    if (options.allowBroadcast) attempt(this.#wrap.setOption(UDP_BROADCAST, 1), 'setsockopt');
    if (local !== null) {
      attempt(this.#wrap.bind(local.address, local.port, options.reusePort), 'bind', local);
    }
    this.#remote = remote;
    // A connected socket could not broadcast and hear the answers.
    if (remote === null || options.allowBroadcast) return;
    attempt(this.#wrap.connect(remote.address, remote.port), 'connect', remote);
    this.#connected = true;
  }

  /** Takes a socket over, in place of _open(). @throws TypeError or a system error; then it is closed @internal */
  _adopt(source: DescriptorSource): void {
    try {
      checkDatagramSocket(source);
      const error = this.#wrap.adopt(checkDescriptor('sock', source));
      if (error < 0) throw systemError(error, 'open');
    } catch (error) {
      this.#wrap.close();
      throw error;
    }
    takeOver(this.#wrap, source, this);
    this.#adopted = ownerOf(this.#reactor, source);
    const peer = this.#wrap.getPeerName();
    if (typeof peer === 'number') return;
    this.#remote = peer;
    this.#connected = true;
  }

  /** Tells the protocol of its transport and starts receiving. @internal */
  _start(): void {
    this.#made = true;
    try {
      this.#protocol.connectionMade(this);
    } catch (exception) {
      // A protocol that may not know its transport helps nobody.
      this.#report('connectionMade', exception);
      this.abort();
    }
    if (this.#closing) return;
    const error = this.#wrap.receiveStart();
    if (error < 0) this.#failed(error, 'recvfrom');
  }

  override getWriteBufferSize(): number {
    return this.#queued;
  }

  sendto(data: WriteData, addr?: AddressLike | null): void {
    const bytes = data instanceof Uint8Array ? data : toBytes(data);
    const addresses = this.#reactor.addresses;
    if (this.#remote !== null) {
      if (addr !== undefined && addr !== null) this.#checkRemote(this.#remote, addr);
      if (this.#connected) addresses.clearDestination();
      else addresses.setDestination(this.#wrap, this.#remote);
    } else if (addr === undefined || addr === null) {
      throw typeError('addr', 'an address, since the socket is not connected', addr);
    } else {
      addresses.setDestination(this.#wrap, addr);
    }
    if (this.#closing) {
      this.#noteSendAfterLoss();
      return;
    }
    const queued = writeStream(this.#wrap.number, bytes, bytes.byteLength, true);
    if (queued === 0) return;
    if (queued < 0) {
      this.#failed(queued, 'sendto');
      return;
    }
    this.#queued += queued;
    this._bufferGrew();
  }

  isClosing(): boolean {
    return this.#closing;
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#wrap.receiveStop();
    if (this.#queued === 0) this.#loseSoon();
  }

  abort(): void {
    if (this.#lost) return;
    this.#closing = true;
    this.#queued = 0;
    this.#wrap.receiveStop();
    this.#loseSoon();
  }

  getProtocol(): DatagramProtocol {
    return this.#protocol;
  }

  setProtocol(protocol: DatagramProtocol): void {
    checkDatagramProtocol(protocol);
    this.#protocol = protocol;
  }

  getExtraInfo(name: 'peername' | 'sockname'): SocketAddress | undefined;
  getExtraInfo(name: 'socket'): DatagramSocket;
  getExtraInfo<D>(name: string, fallback?: D): unknown;
  getExtraInfo(name: string, fallback?: unknown): unknown {
    if (name === 'socket') return this.#socket;
    if (name !== 'peername' && name !== 'sockname') return fallback;
    const address = name === 'peername' ? this.#wrap.getPeerName() : this.#wrap.getSocketName();
    return typeof address === 'number' ? fallback : address;
  }

  override toString(): string {
    const state = this.#lost ? 'closed' : this.#closing ? 'closing' : 'open';
    return `<${this.constructor.name} ${state} bufsize=${this.#queued}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** @internal */
  onEvent(kind: number, value: number): void {
    if (kind === UDP_RECEIVED) this.#received(value);
    else if (kind === UDP_RECEIVE_FAILED) this.#failed(value, 'recvfrom');
    else if (kind === UDP_SEND_FAILED) this.#failed(value, 'sendto');
    else if (kind === UDP_SENT && !this.#lost) {
      this.#queued -= value;
      this._bufferShrank();
      if (this.#closing && this.#queued === 0) this.#loseSoon();
    }
  }

  #received(count: number): void {
    const { addresses, region, scheduler } = this.#reactor;
    const { records } = addresses;
    for (let record = 0; record < count; record++) {
      if (this.#closing || scheduler.isClosed()) return;
      const base = record * RECORD_WORDS;
      const offset = records[base + RECORD_OFFSET] as number;
      const data = region.subarray(offset, offset + (records[base + RECORD_SIZE] as number));
      const sender = addresses.senderOf(this.#wrap, record);
      try {
        this.#protocol.datagramReceived(data, sender);
      } catch (exception) {
        this.#report('datagramReceived', exception);
      }
    }
  }

  /** Errors of datagrams are news, not the end. */
  #failed(errno: number, syscall: string): void {
    if (this.#lost) return;
    const error = systemError(errno, syscall);
    this.#call('errorReceived', () => this.#protocol.errorReceived?.(error));
  }

  protected override _pauseProtocol(): void {
    this.#call('pauseWriting', () => this.#protocol.pauseWriting?.());
  }

  protected override _resumeProtocol(): void {
    this.#call('resumeWriting', () => this.#protocol.resumeWriting?.());
  }

  #call(method: string, body: () => void): void {
    try {
      body();
    } catch (exception) {
      this.#report(method, exception);
    }
  }

  /** As in asyncio, an error of the protocol ends nothing once it has its transport. */
  #report(method: string, exception: unknown): void {
    this.#reactor.scheduler.callExceptionHandler({
      message: `Exception in callback ${method}()`,
      exception,
      transport: this,
      protocol: this.#protocol,
    });
  }

  #checkRemote(remote: SocketAddress, addr: AddressLike): void {
    const [address, port] = checkHostAndPort('addr', addr);
    if (address === remote.address && port === remote.port) return;
    const error = rangeError('addr', '', addr);
    error.message = `Invalid address: must be None or ('${remote.address}', ${remote.port})`;
    throw error;
  }

  #noteSendAfterLoss(): void {
    this.#sendsAfterLoss++;
    if (this.#sendsAfterLoss >= SILENT_SENDS_AFTER_LOSS) {
      log('warn', 'socket.send() raised exception.');
    }
  }

  #loseSoon(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#reactor.scheduler._enqueue({ run: () => this.#lose(), _ranFor: () => this });
  }

  #lose(): void {
    if (this.#made) this.#call('connectionLost', () => this.#protocol.connectionLost(null));
    this.#wrap.close();
    this.#adopted?._detach(this);
  }
}
