/**
 * StreamReaderProtocol: asyncio's, between a transport and a pair of StreamReader and StreamWriter.
 *
 * On a server it calls back for the connection, in a task. Invariant: the reader is fed in the order of
 * arrival, and ended or failed when the connection is.
 */

import { checkLoop } from '../core/check_loop.js';
import type { ContextSnapshot } from '../core/context.js';
import { type Coroutine, coroutine, isCoroutineFunction } from '../core/coroutines.js';
import type { FutureOptions } from '../core/futures.js';
import { defaultLoop } from '../core/running.js';
import { createTask } from '../core/task_factory.js';
import type { Task } from '../core/tasks.js';
import type { Transport } from '../io/transports.js';
import { checkFunction, checkOptions, typeError } from '../util/check.js';
import { StreamFlowControl } from './stream_flow_control.js';
import { StreamReader } from './stream_reader.js';
import { StreamWriter } from './stream_writer.js';

/** What a server calls for each connection: any function, whose call a task runs. */
export type ClientConnectedCallback = (reader: StreamReader, writer: StreamWriter) => unknown;

type StreamCoroutineFunction = (reader: StreamReader, writer: StreamWriter) => Coroutine<unknown>;

/** What its constructor takes. */
export interface StreamReaderProtocolOptions extends FutureOptions {
  /** Where the callback runs: what AsyncLocalStorage.snapshot() returned. */
  context?: ContextSnapshot | undefined;
}

/** Feeds a StreamReader from a transport, and calls back for a server's connection: asyncio.StreamReaderProtocol. */
export class StreamReaderProtocol extends StreamFlowControl {
  #reader: StreamReader | null;
  #transport: Transport | null = null;
  readonly #clientConnected: StreamCoroutineFunction | null;
  readonly #context: ContextSnapshot | undefined;

  /**
   * @param clientConnectedCb called once connected; without it whoever connects makes the StreamWriter
   * @throws TypeError
   */
  constructor(
    streamReader: StreamReader,
    clientConnectedCb?: ClientConnectedCallback | null,
    options?: StreamReaderProtocolOptions,
  ) {
    if (!(streamReader instanceof StreamReader)) {
      throw typeError('streamReader', 'a StreamReader', streamReader);
    }
    checkOptions(options);
    checkLoop(options?.loop);
    super(options?.loop ?? defaultLoop());
    this.#reader = streamReader;
    this.#clientConnected =
      clientConnectedCb == null ? null : asCoroutineFunction(clientConnectedCb);
    this.#context = options?.context;
  }

  /** Whom it feeds. @internal */
  get _reader(): StreamReader | null {
    return this.#reader;
  }

  /** @internal */
  override connectionMade(transport: Transport): void {
    const reader = this.#reader as StreamReader;
    reader.setTransport(transport);
    this.#transport = transport;
    const clientConnected = this.#clientConnected;
    if (clientConnected === null) return;
    const writer = new StreamWriter(transport, this, reader, this._loop);
    const options = { loop: this._loop, context: this.#context };
    const task = createTask(clientConnected(reader, writer), options);
    task.addDoneCallback((ended) => this.#callbackEnded(ended));
  }

  /** @internal */
  override connectionLost(exception: Error | null): void {
    if (exception === null) this.#reader?.feedEof();
    else this.#reader?.setException(exception);
    this.#reader = null;
    super.connectionLost(exception);
  }

  override dataReceived(data: Buffer): void {
    this.#reader?.feedData(data);
  }

  /** The sending half stays open, until the writer is closed; TLS has none that could. */
  override eofReceived(): boolean {
    this.#reader?.feedEof();
    return this.#transport?.canWriteEof() ?? true;
  }

  /** Whether this is a server's side. @internal */
  override get _isServerSide(): boolean {
    return this.#clientConnected !== null;
  }

  /** What came and was not read; it belongs to the TLS that begins here. @internal */
  _takeUnread(): Buffer[] {
    return this.#reader?._takeUnread() ?? [];
  }

  /** The connection goes on over `transport`. @internal */
  override _replaceTransport(transport: Transport): void {
    this.#transport = transport;
    this.#reader?._replaceTransport(transport);
  }

  #callbackEnded(task: Task): void {
    const transport = this.#transport as Transport;
    if (!task.cancelled()) {
      const exception = task.exception();
      if (exception === null) return;
      this._loop.callExceptionHandler({
        message: 'Unhandled exception in client_connected_cb',
        exception,
        transport,
      });
    }
    transport.close();
  }
}

/**
 * Has calls of `callback` start where a task steps them, whatever kind of function it is.
 *
 * @throws TypeError @internal
 */
export function asCoroutineFunction(callback: ClientConnectedCallback): StreamCoroutineFunction {
  checkFunction('clientConnectedCb', callback);
  const made = isCoroutineFunction(callback) ? callback : coroutine(callback);
  return made as StreamCoroutineFunction;
}
