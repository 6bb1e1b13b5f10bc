/**
 * How a process is ended: killSignal, a period of grace, SIGKILL; with killTree all that it has started as well.
 *
 * Begun by `signal`, `timeout`, close() or too much output, it goes on to the end by itself. Invariant: when it is
 * over the process has exited and its pipes are closed, whoever else holds their other ends.
 */

import { cancelOnAbort } from '../core/abort.js';
import type { TimerHandle } from '../core/events.js';
import { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { Scheduler } from '../core/scheduler.js';
import { type SignalName, signalNumber } from '../io/signals.js';
import type { SubprocessTransport } from '../io/transports.js';
import { shield } from '../sync/shielding.js';
import { ProcessTree } from './process_tree.js';
import type { EndingSettings } from './subprocess_options.js';
import type { SubprocessStreamProtocol } from './subprocess_protocol.js';

/** What ended a process before its time. */
export type EndedBy = 'abort' | 'timeout' | 'maxBuffer' | 'close';

// What the process has left in its pipes may still be read for so long.
const DRAIN = 100; // ms
// How often is looked whether the tree has ended, of which no event tells: at first, and at most.
const FIRST_LOOK = 2; // ms
const LAST_LOOK = 100; // ms
// What SIGKILL has not ended after so many looks hangs in the kernel, or belongs to another user.
const LOOKS_AFTER_KILL = 30;
const SIGKILL = signalNumber('SIGKILL');

export class ProcessEnding {
  readonly #loop: Scheduler;
  readonly #transport: SubprocessTransport;
  readonly #protocol: SubprocessStreamProtocol;
  readonly #settings: EndingSettings;
  readonly #tree: ProcessTree | null;
  readonly #timeout: TimerHandle | null;
  readonly #aborted: Future<void>;
  #endedBy: EndedBy | null = null;
  #ending: Operation<void> | null = null;
  #killAt = Number.POSITIVE_INFINITY;
  /** What the ending waits for just now. */
  #pause: Future<void> | null = null;

  /** @param mark of the process's tree; null to leave that alone */
  constructor(
    loop: Scheduler,
    transport: SubprocessTransport,
    protocol: SubprocessStreamProtocol,
    settings: EndingSettings,
    mark: string | null,
  ) {
    this.#loop = loop;
    this.#transport = transport;
    this.#protocol = protocol;
    this.#settings = settings;
    this.#tree = mark === null ? null : new ProcessTree(transport.getPid(), mark);
    const { timeout } = settings;
    const isLimited = timeout !== Number.POSITIVE_INFINITY;
    this.#timeout = isLimited ? loop.callLater(timeout, () => this.#endUnasked('timeout')) : null;
    this.#aborted = new Future<void>({ loop });
    this.#aborted._addWaiting({
      run: () => {
        if (this.#aborted.cancelled()) this.#endUnasked('abort');
      },
    });
    cancelOnAbort(this.#aborted, settings);
    protocol._onEvent = () => this.#changed();
    if (this.#tree !== null) loop._dependents.add(this);
    // It may have exited before anybody heard that it had started.
    this.#changed();
  }

  /** What ended the process, or the wait for its output; null when it ended by itself. */
  get endedBy(): EndedBy | null {
    return this.#endedBy;
  }

  /** Ends the process. The future is done when that is over; cancelling it changes nothing about that. */
  end(by: EndedBy): Future<void> {
    return shield(this.#begin(by));
  }

  /** Sends a signal to the process, with killTree to the whole tree. */
  signal(signal: SignalName): void {
    if (this.#tree === null) this.#transport.sendSignal(signal);
    else this.#send(signalNumber(signal));
  }

  /** Sends SIGKILL; a tree is looked after until nothing of it is left. */
  kill(): void {
    if (this.#tree === null) {
      this.#transport.kill();
      return;
    }
    this.#killAt = this.#loop.time();
    if (this.#ending === null) this.#begin(null);
    else this.#wake();
  }

  /** The loop has killed the process, and nothing waits for the tree any more. @internal */
  loopClosed(): void {
    this.#loop._dependents.delete(this);
    this.#tree?.killAll();
  }

  /** Ends it for somebody who does not wait for it. */
  #endUnasked(by: EndedBy): void {
    const ending = this.#begin(by);
    const report = () => {
      const exception = ending.cancelled() ? null : ending.exception();
      if (exception === null) return;
      const message = `${this.#transport} could not be ended`;
      this.#loop.callExceptionHandler({ message, exception, transport: this.#transport });
    };
    ending._addWaiting({ run: report });
  }

  #begin(by: EndedBy | null): Operation<void> {
    if (this.#ending !== null) return this.#ending;
    if (!this.#protocol._lost) this.#endedBy = by;
    this.#killAt = Math.min(this.#killAt, this.#loop.time() + this.#settings.forceKillAfter);
    const isReadOn = by === 'timeout' || by === 'abort';
    const ending = new Operation(this.#loop, this.#end(isReadOn ? DRAIN : 0));
    this.#ending = ending;
    if (this.#tree !== null) {
      this.#loop._dependents.add(this);
      ending._addWaiting({ run: () => this.#loop._dependents.delete(this) });
    }
    return ending;
  }

  *#end(drain: number): OperationBody<void> {
    if (!this.#isOver()) {
      const isKill = this.#killAt <= this.#loop.time();
      this.#send(isKill ? SIGKILL : signalNumber(this.#settings.killSignal));
      yield* this.#untilOver();
    }
    if (!this.#protocol._lost) yield* this.#untilWoken(drain);
    this.#transport.close();
    while (!this.#protocol._lost) yield* this.#untilWoken(Number.POSITIVE_INFINITY);
  }

  *#untilOver(): OperationBody<void> {
    let look = FIRST_LOOK;
    let looksAfterKill = 0;
    while (!this.#isOver()) {
      const left = this.#killAt - this.#loop.time();
      if (left <= 0) {
        if (looksAfterKill++ === LOOKS_AFTER_KILL) return;
        this.#send(SIGKILL);
      }
      if (!this.#protocol._exited) {
        yield* this.#untilWoken(left > 0 ? left : Number.POSITIVE_INFINITY);
      } else {
        yield* this.#untilWoken(left > 0 ? Math.min(left, look) : look);
        look = Math.min(2 * look, LAST_LOOK);
      }
    }
  }

  *#untilWoken(delay: number): OperationBody<void> {
    const pause = new Future<void>({ loop: this.#loop });
    const isLimited = delay !== Number.POSITIVE_INFINITY;
    const timer = isLimited ? this.#loop.callLater(delay, () => this.#wake()) : null;
    this.#pause = pause;
    yield* pause;
    timer?.cancel();
  }

  #wake(): void {
    const pause = this.#pause;
    this.#pause = null;
    pause?.setResult();
  }

  #isOver(): boolean {
    return this.#protocol._exited && (this.#tree === null || this.#tree.members().length === 0);
  }

  #send(signal: number): void {
    // Until it is reaped its pid is nobody else's, as a process or as a group.
    const isRunning = this.#transport.getReturncode() === null;
    const isGroup = isRunning && this.#tree !== null && signalGroup(this.#transport, signal);
    if (isRunning && !isGroup) this.#transport.sendSignal(signal);
    this.#tree?.signal(signal, isGroup);
  }

  /** The process has exited, or its pipes have ended too. */
  #changed(): void {
    this.#wake();
    // What a process that ends by itself leaves behind is left alone.
    if (this.#ending === null && this.#protocol._exited) this.#loop._dependents.delete(this);
    if (!this.#protocol._lost) return;
    this.#timeout?.cancel();
    if (!this.#aborted.done()) this.#aborted.setResult();
  }
}

/** Signals the group that the process leads; false when there is none. */
function signalGroup(transport: SubprocessTransport, signal: number): boolean {
  try {
    return process.kill(-transport.getPid(), signal);
  } catch {
    return false;
  }
}
