/**
 * A program that was started, as a transport: asyncio's BaseSubprocessTransport.
 *
 * Calls of the protocol go through the ready queue, in the order of the events, but for data, which it gets at once: its
 * pipes are read from when connectionMade is over. The program's exit and the ends of its pipes are events of their own, in any
 * order; invariant: connectionLost is called once, when all of them have come, and processExited once before it.
 */

import { constants } from 'node:os';
import { inspect } from 'node:util';
import { native } from '../binding/addon.js';
import type { HandleOwner } from '../binding/contract.js';
import {
  PROCESS_EXITED,
  PROCESS_FAILED,
  PROCESS_STARTED,
  type ProcessWrap,
} from '../binding/process_contract.js';
import type { Callback } from '../core/events.js';
import { Future } from '../core/futures.js';
import { errnoOf, nativeError, systemError } from '../util/system_error.js';
import { publishChildProcess } from './diagnostics.js';
import { Child } from './process_child.js';
import { spawnError } from './process_errors.js';
import { endWithProcess, letGo } from './process_exit.js';
import type { ChildInfo } from './process_info.js';
import { ChildPipe, type PipeListener } from './process_pipes.js';
import type { StartRequest } from './process_plan.js';
import {
  type BufferedSubprocessProtocol,
  checkSubprocessProtocol,
  providesPipeBuffers,
  type SubprocessProtocol,
} from './protocols.js';
import type { Reactor } from './reactor.js';
import { type SignalName, signalNumber } from './signals.js';
import type { SubprocessTransport } from './transports.js';

const UV_ESRCH = errnoOf('ESRCH');

export class ProcessTransport implements SubprocessTransport, PipeListener, HandleOwner {
  readonly #reactor: Reactor;
  readonly #request: StartRequest;
  readonly #wrap: ProcessWrap;
  readonly #started: Future<void>;
  readonly #pipes = new Map<number, ChildPipe>();
  /** Done when nothing runs any more, for who has given up the start. */
  #gone: Future<void> | null = null;
  #protocol: SubprocessProtocol;
  #child: Child | null = null;
  /** Whether connectionMade() is called, and so the rest. */
  #made = false;
  #closed = false;
  #finished = false;

  /** @throws TypeError for a protocol that is none, or a system error when the loop is closed */
  constructor(reactor: Reactor, protocol: SubprocessProtocol, request: StartRequest) {
    checkSubprocessProtocol(protocol);
    this.#reactor = reactor;
    this.#protocol = protocol;
    this.#request = request;
    this.#started = new Future({ loop: reactor.scheduler });
    try {
      this.#wrap = new native.ProcessWrap(reactor.wrap, this);
    } catch (error) {
      throw nativeError(error, 'spawn');
    }
  }

  /**
   * Posts the start.
   *
   * @returns a future that is done after connectionMade(), or fails with a system error
   * @internal
   */
  _start(): Future<void> {
    const { stdio, plan } = this.#request;
    stdio.hold();
    const error = this.#wrap.start(plan);
    if (error < 0) this.#startFailed(error);
    else endWithProcess(this.#wrap);
    return this.#started;
  }

  /** Closes it; the future is done when there is no program, or it has been killed and reaped. @internal */
  _discard(): Future<void> {
    const gone = new Future<void>({ loop: this.#reactor.scheduler });
    this.#gone = gone;
    this.close();
    // A start that is under way is heard of, and then killed.
    const isOver = this.#child === null ? this.#wrap.withdraw() : this.#child.returncode !== null;
    if (isOver) gone.setResult();
    return gone;
  }

  getPid(): number {
    return this.#child?.pid ?? -1;
  }

  getReturncode(): number | null {
    return this.#child?.returncode ?? null;
  }

  getPipeTransport(fd: number): ChildPipe['transport'] | null {
    return this.#pipes.get(fd)?.transport ?? null;
  }

  getExtraInfo(name: 'subprocess'): ChildInfo;
  getExtraInfo(name: 'peername' | 'sockname' | 'socket'): undefined;
  getExtraInfo<D>(name: string, fallback?: D): unknown;
  getExtraInfo(name: string, fallback?: unknown): unknown {
    return name === 'subprocess' ? (this.#child ?? fallback) : fallback;
  }

  sendSignal(signal: SignalName): void {
    const number = signalNumber(signal);
    if (this.#finished) throw systemError(UV_ESRCH, 'kill');
    const error = this.#wrap.kill(number);
    // Exited: its exit is reported already, or about to be.
    if (error < 0 && error !== UV_ESRCH) throw systemError(error, 'kill');
  }

  terminate(): void {
    this.sendSignal('SIGTERM');
  }

  kill(): void {
    this.sendSignal('SIGKILL');
  }

  isClosing(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const pipe of this.#pipes.values()) pipe.transport.close();
    if (this.#child?.returncode === null) {
      this.#logLife('warn', () => `Close running child process: kill ${this}`);
      this.#wrap.kill(constants.signals.SIGKILL);
    } else if (this.#child === null && this.#wrap.withdraw()) this.#giveUp();
  }

  setProtocol(protocol: SubprocessProtocol): void {
    checkSubprocessProtocol(protocol);
    this.#protocol = protocol;
    const buffered = providesPipeBuffers(protocol);
    for (const pipe of this.#pipes.values()) pipe.provideBuffers(buffered);
  }

  getProtocol(): SubprocessProtocol {
    return this.#protocol;
  }

  toString(): string {
    const words = ['SubprocessTransport'];
    if (this.#closed) words.push('closed');
    if (this.#child === null) words.push('not started');
    else {
      words.push(`pid=${this.#child.pid}`);
      const { returncode } = this.#child;
      words.push(returncode === null ? 'running' : `returncode=${returncode}`);
    }
    for (const [index, name] of ['stdin', 'stdout', 'stderr'].entries()) {
      const pipe = this.#pipes.get(index);
      if (pipe !== undefined) words.push(`${name}=${pipe.transport}`);
    }
    return `<${words.join(' ')}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** @internal */
  onEvent(kind: number, value: number): void {
    if (kind === PROCESS_STARTED) this.#programStarted(value);
    else if (kind === PROCESS_FAILED) this.#startFailed(value);
    else if (kind === PROCESS_EXITED) this.#programExited(value);
  }

  /** @internal */
  _pipeDataReceived(fd: number, data: Buffer): void {
    try {
      this.#protocol.pipeDataReceived(fd, data);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @internal */
  _pipeBufferUpdated(fd: number, size: number): void {
    try {
      (this.#protocol as BufferedSubprocessProtocol).pipeBufferUpdated(fd, size);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @internal */
  _pipeConnectionLost(fd: number, exception: Error | null): void {
    this.#call(this.#protocol.pipeConnectionLost, fd, exception);
    this.#tryFinish();
  }

  #programStarted(pid: number): void {
    const { program, args, stdio } = this.#request;
    this.#child = new Child(this.#wrap, pid, program, args);
    if (this.#started.cancelled()) {
      stdio.release();
      this.#wrap.kill(constants.signals.SIGKILL);
      return;
    }
    this.#logLife('debug', () => `process '${program}' created: pid ${pid}`);
    publishChildProcess(this.#child);
    stdio.handOver();
    try {
      for (const [fd, direction] of stdio.pipes) {
        this.#pipes.set(fd, new ChildPipe(this.#reactor, this.#wrap, fd, direction, this));
      }
    } catch (error) {
      this.#startEnded(error);
      return;
    }
    this.#made = true;
    this.#call(this.#protocol.connectionMade, this);
    this.#reactor.scheduler._enqueue({ run: () => this.#read(), _ranFor: () => this });
    this.#startEnded(null);
  }

  #read(): void {
    const buffered = providesPipeBuffers(this.#protocol);
    for (const pipe of this.#pipes.values()) pipe.start(buffered);
  }

  #startFailed(errno: number): void {
    const step = this.#wrap.failedStep();
    const descriptor = this.#wrap.failedDescriptor();
    this.#giveUp();
    this.#ended();
    this.#startEnded(spawnError(this.#request, errno, step, descriptor));
  }

  #startEnded(error: unknown): void {
    // Cancelled: whoever waited is about to close it.
    if (this.#started.done()) return;
    if (error === null) this.#started.setResult();
    else this.#started.setException(error);
  }

  #ended(): void {
    if (this.#gone?.done() === false) this.#gone.setResult();
  }

  /** There is no program. */
  #giveUp(): void {
    this.#wrap.close();
    letGo(this.#wrap);
    this.#request.stdio.release();
  }

  #programExited(returncode: number): void {
    const child = this.#child as Child;
    child.returncode = returncode;
    this.#wrap.close();
    letGo(this.#wrap);
    this.#logLife('info', () => `${this} exited with return code ${returncode}`);
    this.#call(this.#protocol.processExited);
    this.#tryFinish();
    this.#ended();
  }

  #tryFinish(): void {
    if (this.getReturncode() === null) return;
    for (const pipe of this.#pipes.values()) if (!pipe.disconnected) return;
    this.#call(() => {
      this.#finished = true;
      this.#protocol.connectionLost(null);
    });
  }

  /** What the protocol throws is told like what any callback throws, and the program goes on. */
  #failed(error: unknown): void {
    this.#reactor.scheduler.callSoon(() => {
      throw error;
    });
  }

  #logLife(level: 'debug' | 'info' | 'warn', message: () => string): void {
    this.#reactor.scheduler._logLife(level, message);
  }

  #call<A extends unknown[]>(method: (this: SubprocessProtocol, ...args: A) => void, ...args: A) {
    if (this.#made)
      this.#reactor.scheduler.callSoon(method.bind(this.#protocol) as Callback, ...args);
  }
}
