/**
 * Between a subprocess's transport and its three streams: asyncio's SubprocessStreamProtocol.
 *
 * Exit and end of output are events of their own: whoever waits for the exit hears of it though another process
 * still holds the pipes. Invariant: the transport is closed when the program has exited and its output has ended.
 */

import type { Future } from '../core/futures.js';
import type { Scheduler } from '../core/scheduler.js';
import { finished } from '../core/settled.js';
import { SubprocessProtocol } from '../io/protocols.js';
import type { ReadTransport, SubprocessTransport, Transport } from '../io/transports.js';
import { EventWaiters } from './event_waiters.js';
import { StreamFlowControl } from './stream_flow_control.js';
import { StreamReader } from './stream_reader.js';
import { StreamWriter } from './stream_writer.js';

export class SubprocessStreamProtocol extends SubprocessProtocol {
  stdin: StreamWriter | null = null;
  stdout: StreamReader | null = null;
  stderr: StreamReader | null = null;
  /** Called when the program exits, and when the last pipe has ended after that. @internal */
  _onEvent: () => void = () => {};
  readonly #loop: Scheduler;
  readonly #limit: number;
  readonly #stdinFlow: StreamFlowControl;
  readonly #exit = new EventWaiters<number>();
  /** Descriptors of the program whose output has not ended. */
  readonly #openPipes = new Set<number>();
  #transport: SubprocessTransport | null = null;
  #exited = false;
  #lost = false;

  /** @param limit of the readers: see StreamReaderOptions */
  constructor(loop: Scheduler, limit: number) {
    super();
    this.#loop = loop;
    this.#limit = limit;
    this.#stdinFlow = new StreamFlowControl(loop);
  }

  override connectionMade(transport: SubprocessTransport): void {
    this.#transport = transport;
    this.stdout = this.#reader(1);
    this.stderr = this.#reader(2);
    const stdin = transport.getPipeTransport(0);
    if (stdin !== null) {
      // A pipe has no more of a transport than its writer uses.
      this.stdin = new StreamWriter(stdin as Transport<never>, this.#stdinFlow, null, this.#loop);
    }
  }

  override pipeDataReceived(fd: number, data: Buffer): void {
    this.#readerOf(fd)?.feedData(data);
  }

  override pipeConnectionLost(fd: number, exception: Error | null): void {
    if (fd === 0) {
      this.stdin?.close();
      this.#stdinFlow.connectionLost(exception);
      return;
    }
    const reader = this.#readerOf(fd);
    if (exception === null) reader?.feedEof();
    else reader?.setException(exception);
    this.#openPipes.delete(fd);
    this.#closeIfEnded();
  }

  override processExited(): void {
    this.#exited = true;
    this.#exit.release(this.#returncode);
    this._onEvent();
    this.#closeIfEnded();
  }

  override connectionLost(exception: Error | null): void {
    this.#lost = true;
    this.#stdinFlow.connectionLost(exception);
    this._onEvent();
  }

  override pauseWriting(): void {
    this.#stdinFlow.pauseWriting();
  }

  override resumeWriting(): void {
    this.#stdinFlow.resumeWriting();
  }

  /** Whether processExited() was called. @internal */
  get _exited(): boolean {
    return this.#exited;
  }

  /** Whether nothing more will be called. @internal */
  get _lost(): boolean {
    return this.#lost;
  }

  /** Done with the return code when the program has exited. @internal */
  _waitExit(): Future<number> {
    if (this.#exited) return finished(this.#loop, this.#returncode);
    return this.#exit.add(this.#loop);
  }

  get #returncode(): number {
    return this.#transport?.getReturncode() as number;
  }

  #reader(fd: number): StreamReader | null {
    const transport = this.#transport?.getPipeTransport(fd) ?? null;
    if (transport === null) return null;
    const reader = new StreamReader({ limit: this.#limit, loop: this.#loop });
    reader.setTransport(transport as ReadTransport<string>);
    this.#openPipes.add(fd);
    return reader;
  }

  #readerOf(fd: number): StreamReader | null {
    if (fd === 1) return this.stdout;
    return fd === 2 ? this.stderr : null;
  }

  #closeIfEnded(): void {
    if (this.#exited && this.#openPipes.size === 0) this.#transport?.close();
  }
}
