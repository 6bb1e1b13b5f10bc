/**
 * 'Future exception was never retrieved': reports an error that nobody looked at.
 *
 * A record stands in for the future, which the collector must be free to take; when it does and the
 * record is still unretrieved, the loop's exception handler hears of it; at the latest when the loop
 * closes. Most errors are looked at soon, so a record is only registered when its error has survived
 * the host's current iteration.
 */

import { repr } from '../util/format.js';
import type { ExceptionReporter } from './exception_handler.js';

const registry = new FinalizationRegistry<NeverRetrieved>((record) => record.report());

/** The records of each loop that are neither retrieved nor reported. */
const unretrieved = new WeakMap<ExceptionReporter, Set<NeverRetrieved>>();

let fresh: NeverRetrieved[] = [];

function registerFresh(): void {
  const records = fresh;
  fresh = [];
  for (const record of records) record.register();
}

/** Reports what nobody has looked at, now that `loop` is about to close. */
export function reportUnretrieved(loop: ExceptionReporter): void {
  for (const record of [...(unretrieved.get(loop) ?? [])]) record.report();
}

export class NeverRetrieved {
  readonly #loop: ExceptionReporter;
  readonly #kind: string;
  #exception: unknown;
  #future: object | null;
  #settled = false;

  constructor(future: object, loop: ExceptionReporter, kind: string, exception: unknown) {
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
    this.#future = null;
  }

  report(): void {
    this.#settle();
    this.#loop.callExceptionHandler({
      message: `${this.#kind} exception was never retrieved`,
      exception: this.#exception,
      future: `<${this.#kind} finished exception=${repr(this.#exception)}>`,
    });
  }

  #settle(): void {
    this.#settled = true;
    this.#future = null;
    unretrieved.get(this.#loop)?.delete(this);
    registry.unregister(this);
  }
}
