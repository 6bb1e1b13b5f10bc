/**
 * 'Future exception was never retrieved': reports an error that nobody looked at.
 *
 * A record stands in for the future, which the collector must be free to take; when it does and the
 * record is still unretrieved, the loop's exception handler hears of it; at the latest when the loop
 * closes. Most errors are looked at soon, so a record is only registered when its error has survived
 * the host's current iteration.
 */

import { collectSoon, noLongerWanted } from './collecting.js';
import { sourceTraceback } from './creation.js';
import type { DebugSwitches } from './debug.js';
import type { ExceptionReporter } from './exception_handler.js';
import type { StackFrame } from './stacks.js';

/** What this floor needs of a loop. */
interface Loop extends ExceptionReporter {
  readonly _debug: DebugSwitches | null;
}

const registry = new FinalizationRegistry<NeverRetrieved>((record) => record.report());

/** The records of each loop that are neither retrieved nor reported. */
const unretrieved = new WeakMap<Loop, Set<NeverRetrieved>>();

let fresh: NeverRetrieved[] = [];

function registerFresh(): void {
  const records = fresh;
  fresh = [];
  for (const record of records) record.register();
}

/** Reports what nobody has looked at, now that `loop` is about to close. */
export function reportUnretrieved(loop: Loop): void {
  for (const record of [...(unretrieved.get(loop) ?? [])]) record.report();
}

export class NeverRetrieved {
  readonly #loop: Loop;
  readonly #kind: string;
  #exception: unknown;
  #future: object | null;
  #settled = false;
  /** The future's repr and where it was made, once the record stands for it. */
  #shown: string | null = null;
  #created: { sourceTraceback?: StackFrame[] } = {};

  constructor(future: object, loop: Loop, kind: string, exception: unknown) {
    this.#future = future;
    this.#loop = loop;
    this.#kind = kind;
    this.#exception = exception;
    const records = unretrieved.get(loop);
    if (records === undefined) unretrieved.set(loop, new Set([this]));
    else records.add(this);
    if (fresh.length === 0) setImmediate(registerFresh).unref();
    fresh.push(this);
  }

  /** Somebody has seen the exception. */
  retrieve(): void {
    this.#settle();
    this.#exception = undefined;
  }

  register(): void {
    if (this.#settled || this.#future === null) return;
    // Until it is formatted, a stack holds the functions and receivers of its frames, and with them
    // most likely the future itself, which then could never be collected.
    if (this.#exception instanceof Error) void this.#exception.stack;
    registry.register(this.#future, this, this);
    this.#standIn(this.#future);
    if (this.#loop._debug?.neverRetrieved === true) collectSoon(this);
  }

  report(): void {
    if (this.#future !== null) this.#standIn(this.#future);
    this.#settle();
    this.#loop.callExceptionHandler({
      message: `${this.#kind} exception was never retrieved`,
      exception: this.#exception,
      future: this.#shown,
      ...this.#created,
    });
  }

  #standIn(future: object): void {
    this.#shown = String(future);
    this.#created = sourceTraceback(future);
    this.#future = null;
  }

  #settle(): void {
    this.#settled = true;
    this.#future = null;
    unretrieved.get(this.#loop)?.delete(this);
    registry.unregister(this);
    noLongerWanted(this);
  }
}
