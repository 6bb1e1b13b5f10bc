/**
 * Signals of the process as callbacks of a loop: the body of asyncio's add_signal_handler.
 *
 * libuv tells every loop of the process that watches a signal, Node's own included, in any thread, so
 * handlers here and `process.on('SIGUSR1')` live beside each other. A handler does not keep its loop
 * alive.
 */

import { constants } from 'node:os';
import { native } from '../binding/addon.js';
import type { HandleOwner, SignalWrap } from '../binding/contract.js';
import type { Handle } from '../core/events.js';
import { RuntimeError } from '../core/exceptions.js';
import { rangeError, typeError } from '../util/check.js';
import { nativeError, systemError, UV_EINVAL } from '../util/system_error.js';
import type { Reactor } from './reactor.js';

/** A signal by name, as 'SIGUSR1', or by number. */
export type SignalName = NodeJS.Signals | number;

const LARGEST_SIGNAL = 64;

/** @throws TypeError or RangeError when there is no such signal */
export function signalNumber(signal: SignalName): number {
  let number: unknown = signal;
  if (typeof signal === 'string') {
    number = Object.hasOwn(constants.signals, signal) ? constants.signals[signal] : 0;
  }
  if (typeof number !== 'number') throw typeError('signal', "a signal's name or number", signal);
  if (!Number.isInteger(number) || number < 1 || number > LARGEST_SIGNAL) {
    throw rangeError('signal', "a signal's name or number", signal);
  }
  return number;
}

class Watched implements HandleOwner {
  readonly wrap: SignalWrap;
  readonly #reactor: Reactor;

  constructor(
    reactor: Reactor,
    public handle: Handle,
  ) {
    this.#reactor = reactor;
    try {
      this.wrap = new native.SignalWrap(reactor.wrap, this);
    } catch (error) {
      throw nativeError(error, 'signal');
    }
  }

  onEvent(): void {
    this.#reactor.scheduler._enqueue(this.handle);
  }
}

/** All signals that one loop handles. */
export class Signals {
  readonly #reactor: Reactor;
  readonly #watched = new Map<number, Watched>();

  constructor(reactor: Reactor) {
    this.#reactor = reactor;
  }

  /**
   * Has `handle` run whenever the signal arrives, in place of the handle before.
   *
   * @throws RuntimeError for a signal that cannot be caught, or a system error
   */
  set(signal: number, handle: Handle): void {
    const before = this.#watched.get(signal);
    if (before !== undefined) {
      before.handle = handle;
      return;
    }
    const watched = new Watched(this.#reactor, handle);
    const error = watched.wrap.start(signal);
    if (error < 0) {
      watched.wrap.close();
      if (error === UV_EINVAL) throw new RuntimeError(`sig ${signal} cannot be caught`);
      throw systemError(error, 'signal');
    }
    this.#watched.set(signal, watched);
  }

  /** @returns whether there was a handle */
  remove(signal: number): boolean {
    this.#watched.get(signal)?.wrap.close();
    return this.#watched.delete(signal);
  }
}
