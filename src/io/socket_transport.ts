/**
 * A connected stream socket as a transport, whatever its family: its addresses, and where it comes
 * from. Answers to the extra info of asyncio's _SelectorTransport and to TransportSocket.
 *
 * Addresses are asked for when somebody wants them, and remembered, since a closed socket has none.
 */

import type { SocketAddress, SocketWrap } from '../binding/contract.js';
import type { Scheduler } from '../core/scheduler.js';
import { systemError } from '../util/system_error.js';
import { showAddress } from './addresses.js';
import { checkDescriptor, type DescriptorSource, takeOver } from './descriptors.js';
import { NativeSocket } from './native_socket.js';
import type { StreamProtocol } from './protocols.js';
import { StreamTransport } from './stream_transport.js';
import type { TransportSocket } from './transports.js';

export abstract class SocketTransport<A = SocketAddress> extends StreamTransport<A> {
  protected abstract override readonly _wrap: SocketWrap<A>;
  #peername: A | undefined;
  #sockname: A | undefined;

  override getExtraInfo(name: 'peername' | 'sockname'): A;
  override getExtraInfo(name: 'socket'): TransportSocket<A>;
  override getExtraInfo<D>(name: string, fallback?: D): unknown;
  override getExtraInfo(name: string, fallback?: unknown): unknown {
    if (name === 'peername') return this.#peername ?? this.#address('getPeerName') ?? fallback;
    if (name === 'sockname') return this.#sockname ?? this.#address('getSocketName') ?? fallback;
    if (name === 'socket') return new NativeSocket(this._wrap);
    return fallback;
  }

  /** @internal */
  get _loop(): Scheduler {
    return this._reactor.scheduler;
  }

  /** Whether the open connection keeps the process alive. @internal */
  _setReferenced(referenced: boolean): void {
    this._wrap.setReferenced(referenced);
  }

  /** @internal */
  _descriptor(): number {
    return this._wrap.getDescriptor();
  }

  /** Takes a connection from a listening socket. @internal */
  _accept(listener: SocketWrap<A>): number {
    const error = listener.accept(this._wrap);
    return error < 0 ? error : this._established();
  }

  /**
   * Takes over a connected socket.
   *
   * @throws a system error, as ENOTCONN for a socket that is not connected
   * @internal
   */
  _adopt(source: DescriptorSource): void {
    let error = this._wrap.adopt(checkDescriptor('socket', source));
    const peer = this._wrap.getPeerName();
    if (error === 0 && typeof peer === 'number') error = peer;
    if (error === 0) error = this._established();
    if (error < 0) {
      this._wrap.close();
      throw systemError(error, 'open');
    }
    takeOver(this._wrap, source, this);
  }

  /** The socket is connected: sets its options. */
  protected _established(): number {
    return 0;
  }

  protected override _beginning(protocol: StreamProtocol): string {
    const socket = `<socket fd=${this.getExtraInfo('socket').fileno()}>`;
    const peer = showAddress(this.getExtraInfo('peername'));
    return `${socket} connected to ${peer}: (${this}, <${protocol.constructor.name}>)`;
  }

  #address(method: 'getPeerName' | 'getSocketName'): A | undefined {
    const result = this._wrap[method]();
    if (typeof result === 'number') return undefined;
    if (method === 'getPeerName') this.#peername = result;
    else this.#sockname = result;
    return result;
  }
}
