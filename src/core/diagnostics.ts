/**
 * A loop that watches itself: debug mode, slow callbacks and late turns.
 *
 * Answers to set_debug, slow_callback_duration and the middle of _run_once in asyncio's BaseEventLoop. The native
 * side measures every call; what took too long it reports right after the call, and here is known who it was.
 */

import { STATE_LATE_THRESHOLD, STATE_SIZE, STATE_SLOW_THRESHOLD } from '../binding/contract.js';
import { log } from '../util/logger.js';
import { creationOf } from './creation.js';
import {
  checkDuration,
  type DebugOptions,
  type DebugSwitches,
  debugSwitches,
  isDebugInEnvironment,
} from './debug.js';
import type { Runnable } from './events.js';
import { ExceptionReporter } from './exception_handler.js';
import { drainMicrotasks } from './microtasks.js';
import { CoroutineList } from './never_awaited.js';
import { describeRan, nameRan } from './ran.js';
import { Slowest } from './slowest.js';
import type { StackFrame } from './stacks.js';

const SLOW_CALLBACK_DURATION = 100; // ms
// A poll that is late by this is no matter of details any more.
const VERY_LATE = 1000; // ms
const MICROSECONDS = 1000;
const LARGEST = 0x7fffffff;

export abstract class Diagnostics extends ExceptionReporter {
  /** Shared with the native loop; see contract.ts. @internal */
  readonly _state = new Int32Array(STATE_SIZE);
  /** Null when nothing is switched on. @internal */
  _debug: DebugSwitches | null = null;
  /** Whether callbacks are called, and timed, one by one. @internal */
  _callsEach = false;
  /** Coroutines of this loop that have not started. @internal */
  readonly _coroutines = new CoroutineList();
  /** What was logged as slow. @internal */
  readonly _slowest = new Slowest();
  #isDebug = false;
  #slowCallbackDuration = SLOW_CALLBACK_DURATION;
  /** The callback under way. */
  #current: Runnable | null = null;
  /** Whose the last call was: a callback, a task, or what had an event. */
  #ran: object | null = null;
  /** The event, if it was one. */
  #event: string | null = null;

  constructor() {
    super();
    if (isDebugInEnvironment()) this.setDebug(true);
  }

  /** Whether debug mode as a whole is on. */
  getDebug(): boolean {
    return this.#isDebug;
  }

  /**
   * Debug mode, on or off, or some of its checks: asyncio's set_debug.
   *
   * @throws TypeError or RangeError for what is no switch
   */
  setDebug(enabled: boolean | DebugOptions): void {
    const switches = debugSwitches(enabled);
    if (typeof enabled === 'object' && typeof enabled.slowCallbacks === 'number') {
      this.#slowCallbackDuration = enabled.slowCallbacks;
    }
    this.#isDebug = enabled === true;
    this._debug = switches;
    this._coroutines.isUrgent = switches?.neverAwaited === true;
    this._callsEach = switches?.slowCallbacks === true || switches?.creationStacks === true;
    this.#setThresholds();
    this._debugChanged();
  }

  /** Other switches are on than before. */
  protected _debugChanged(): void {}

  /** From how many milliseconds on a callback is slow, and reported in debug mode; 100 by default. */
  get slowCallbackDuration(): number {
    return this.#slowCallbackDuration;
  }

  /** @throws TypeError or RangeError */
  set slowCallbackDuration(milliseconds: number) {
    checkDuration('slowCallbackDuration', milliseconds);
    this.#slowCallbackDuration = milliseconds;
    this.#setThresholds();
  }

  /** Runs one callback by itself. */
  protected _runWatched(runnable: Runnable): void {
    this.#ran = runnable._ranFor?.() ?? runnable;
    this.#event = null;
    this.#current = runnable;
    runnable.run();
  }

  /** The callback is over, and so are the promise reactions that it caused. */
  protected _watchEnds(): void {
    this.#current = null;
  }

  /** An event's call is about to end: its promise reactions are part of it. @internal */
  _watchedEvent(owner: object, event: string): void {
    this._watchedQuestion(owner, event);
    drainMicrotasks?.();
  }

  /** The same for a call whose answer is used at once: nothing else runs before. @internal */
  _watchedQuestion(owner: object, event: string): void {
    this.#ran = owner;
    this.#event = event;
  }

  /** Forgets who ran last, who could not be collected else. */
  protected _forgetRan(): void {
    this.#ran = null;
  }

  /** Logs what begins, ends or pauses, if that is wanted. @internal */
  _logLife(level: 'debug' | 'info' | 'warn', message: () => string): void {
    if (this._debug?.lifeMessages === true) log(level, message());
  }

  /** See LoopCallbacks.slowCallback. @internal */
  _slowCallback(milliseconds: number): void {
    if (this._debug?.slowCallbacks !== true || this.#ran === null) return;
    this._slowest.note(nameRan(this.#ran, this.#event), milliseconds);
    const who = describeRan(this.#ran, this.#event);
    log('warn', `Executing ${who} took ${(milliseconds / 1000).toFixed(3)} seconds`);
  }

  /** See LoopCallbacks.lateTurn. @internal */
  _lateTurn(wanted: number, waited: number, callbacks: number): void {
    const level = waited - wanted >= VERY_LATE ? 'info' : 'debug';
    const came = callbacks === 0 ? 'timeout' : `${callbacks} events`;
    log(level, `poll ${wanted.toFixed(3)} ms took ${waited.toFixed(3)} ms: ${came}`);
  }

  protected override _handleTraceback(): StackFrame[] | undefined {
    if (this.#current === null) return undefined;
    return creationOf(this.#current) ?? (this.#ran === null ? undefined : creationOf(this.#ran));
  }

  #setThresholds(): void {
    const microseconds = Math.ceil(this.#slowCallbackDuration * MICROSECONDS) + 1;
    const threshold = Math.min(microseconds, LARGEST);
    const never = this.#slowCallbackDuration === Number.POSITIVE_INFINITY;
    const isOn = (wanted: boolean | undefined) => (wanted === true && !never ? threshold : 0);
    this._state[STATE_SLOW_THRESHOLD] = isOn(this._debug?.slowCallbacks);
    this._state[STATE_LATE_THRESHOLD] = isOn(this._debug?.slowIo);
  }
}
