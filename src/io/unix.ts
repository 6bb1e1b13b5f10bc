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
import { Listener, type ListenerOwner } from './listener.js';
import type { ProtocolFactory, StreamProtocol } from './protocols.js';
import type { Reactor } from './reactor.js';
import { SocketTransport } from './socket_transport.js';
import type { TransportOwner } from './stream_transport.js';

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

/** A name without a file: Linux's abstract ones. */
export function isAbstract(name: Uint8Array): boolean {
  return name[0] === 0;
}

export interface UnixListenOptions {
  /** Permissions of the socket's file; undefined leaves them to the umask. */
  mode: number | undefined;
  /** Whether close() removes the socket's file. */
  cleanupSocket: boolean;
}

/** A socket that is bound, and listens once told to. */
export class UnixListener extends Listener<string, PipeWrap> {
  readonly #name: Buffer;
  /** Which file is ours to remove. */
  #file: { dev: bigint; ino: bigint } | null = null;

  /** @throws a system error when the name cannot be bound */
  constructor(
    reactor: Reactor,
    factory: ProtocolFactory,
    server: ListenerOwner,
    name: Buffer,
    options: UnixListenOptions,
  ) {
    super(reactor, factory, server, native.PipeWrap);
    this.#name = name;
    if (!isAbstract(name)) this.#removeStale();
    const error = this._wrap.bind(name);
    if (error < 0) {
      this.close();
      throw systemError(error, 'listen', this._place());
    }
    if (isAbstract(name)) return;
    try {
      if (options.cleanupSocket) this.#file = lstatSync(name, { bigint: true });
      // Nobody can have connected yet: the socket does not listen.
      if (options.mode !== undefined) chmodSync(name, options.mode);
    } catch (error) {
      this.close();
      throw error;
    }
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
