/**
 * 'Future exception was never retrieved': reports an error that nobody looked at.
 *
 * A record stands in for the future, which the collector must be free to take; when it does and the
 * record is still unretrieved, the loop's exception handler hears of it. Most errors are looked at
 * soon, so a record is only registered when its error has survived the host's current iteration.
 */

import { repr } from '../util/format.js';
import type { ExceptionReporter } from './exception_handler.js';

const registry = new FinalizationRegistry<NeverRetrieved>((record) => record.report());

let fresh: NeverRetrieved[] = [];

function registerFresh(): void {
  const records = fresh;
  fresh = [];
  for (const record of records) record.register();
}

export class NeverRetrieved {
  readonly #loop: ExceptionReporter;
  readonly #kind: string;
  #exception: unknown;
  #future: object | null;
  #retrieved = false;

  constructor(future: object, loop: ExceptionReporter, kind: string, exception: unknown) {
    this.#future = future;
    this.#loop = loop;
    this.#kind = kind;
    this.#exception = exception;
    if (fresh.length === 0) setImmediate(registerFresh).unref();
    fresh.push(this);
  }

  /** Somebody has seen the exception. */
  retrieve(): void {
    this.#retrieved = true;
    this.#exception = undefined;
    this.#future = null;
    registry.unregister(this);
  }

  register(): void {
    if (this.#retrieved || this.#future === null) return;
    // Until it is formatted, a stack holds the functions and receivers of its frames, and with them
    // most likely the future itself, which then could never be collected.
    if (this.#exception instanceof Error) void this.#exception.stack;
    registry.register(this.#future, this, this);
    this.#future = null;
  }

  report(): void {
    this.#loop.callExceptionHandler({
      message: `${this.#kind} exception was never retrieved`,
      exception: this.#exception,
      future: `<${this.#kind} finished exception=${repr(this.#exception)}>`,
    });
  }
}
