/**
 * Unix sockets: transports of connections, and the listening sockets of servers with their files.
 *
 * Answers to asyncio's create_unix_server and create_unix_connection. A name is given as bytes: a path,
 * or an abstract name, which begins with a zero byte and has no file. Invariant: a listener removes
 * from the file system only a stale socket, before it binds, and its own, when it closes.
 */

import { chmodSync, lstatSync, statSync, unlinkSync } from 'node:fs';
import { native } from '../binding/addon.js';
import type { PipeWrap } from '../binding/contract.js';
import { log } from '../util/logger.js';
import { type SystemError, type SystemErrorDetails, systemError } from '../util/system_error.js';
import type { DescriptorSource } from './descriptors.js';
import { Listener, type ListenerOwner } from './listener.js';
import type { ProtocolFactory, StreamProtocol } from './protocols.js';
import type { Reactor } from './reactor.js';
import { SocketTransport } from './socket_transport.js';
import type { TransportOwner } from './stream_transport.js';
import { isAbstract } from './unix_name.js';

/** A connection over a unix socket. */
export class UnixTransport extends SocketTransport<string> {
  protected readonly _wrap: PipeWrap;

  constructor(reactor: Reactor, protocol: StreamProtocol, owner: TransportOwner | null) {
    super(reactor, protocol, owner);
    this._wrap = new native.PipeWrap(reactor.wrap, this);
  }

  /** Connects at once; closed when that fails. @internal */
  _connect(name: Uint8Array): number {
    return this._open((wrap) => wrap.connect(name));
  }

  /** Has `open` open the socket; closed when that fails. @internal */
  _open(open: (wrap: PipeWrap) => number): number {
    const error = open(this._wrap);
    if (error < 0) this._wrap.close();
    return error;
  }
}

/** A socket that is bound, and listens once told to. */
export class UnixListener extends Listener<string, PipeWrap> {
  readonly #cleanupSocket: boolean;
  #name: Buffer = Buffer.alloc(0);
  /** Which file is ours to remove. */
  #file: { dev: bigint; ino: bigint } | null = null;

  /** @param cleanupSocket whether close() removes the socket's file */
  constructor(
    reactor: Reactor,
    factory: ProtocolFactory,
    server: ListenerOwner,
    cleanupSocket: boolean,
  ) {
    super(reactor, factory, server, native.PipeWrap);
    this.#cleanupSocket = cleanupSocket;
  }

  /**
   * @param mode permissions of the socket's file; undefined leaves them to the umask
   * @throws a system error when the name cannot be bound; then it is closed
   */
  bind(name: Buffer, mode: number | undefined): void {
    this.#name = name;
    if (!isAbstract(name)) this.#removeStale();
    const error = this._wrap.bind(name);
    if (error < 0) {
      this.close();
      throw systemError(error, 'listen', this._place());
    }
    this.#own(name, mode);
  }

  override adopt(source: DescriptorSource, check: (source: DescriptorSource) => unknown): void {
    super.adopt(source, check);
    const name = this._wrap.getSocketName();
    if (typeof name === 'string') this.#own(Buffer.from(name), undefined);
  }

  override close(): void {
    this.#removeOwn();
    super.close();
  }

  protected override _makeTransport(protocol: StreamProtocol, server: TransportOwner) {
    return new UnixTransport(this._reactor, protocol, server);
  }

  protected override _place(): SystemErrorDetails {
    return { address: this.#name.toString() };
  }

  /** Notes the file of the socket, if there is one. */
  #own(name: Buffer, mode: number | undefined): void {
    this.#name = name;
    if (name.length === 0 || isAbstract(name)) return;
    try {
      if (this.#cleanupSocket) this.#file = lstatSync(name, { bigint: true });
      // Nobody can have connected yet: the socket does not listen.
      if (mode !== undefined) chmodSync(name, mode);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #removeStale(): void {
    this.#whileItExists('Unable to check or remove stale UNIX socket', () => {
      if (statSync(this.#name).isSocket()) unlinkSync(this.#name);
    });
  }

  #removeOwn(): void {
    const own = this.#file;
    this.#file = null;
    if (own === null) return;
    this.#whileItExists('Unable to clean up listening UNIX socket', () => {
      const now = lstatSync(this.#name, { bigint: true });
      if (now.dev === own.dev && now.ino === own.ino) unlinkSync(this.#name);
    });
  }

  /** What fails is told to the log: the directory may allow making sockets and nothing else. */
  #whileItExists(complaint: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      if ((error as SystemError).code === 'ENOENT') return;
      log('error', `${complaint} '${this.#name}': ${error}`);
    }
  }
}
