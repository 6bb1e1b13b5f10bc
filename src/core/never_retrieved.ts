/**
 * 'Future exception was never retrieved': reports an error that nobody looked at.
 *
 * A record stands in for the future, which the collector must be free to take; when it does and the
 * record is still unretrieved, the loop's exception handler hears of it.
 */

import { repr } from '../util/format.js';
import type { ExceptionReporter } from './exception_handler.js';

const registry = new FinalizationRegistry<NeverRetrieved>((record) => {
  if (!record.retrieved) record.report();
});

export class NeverRetrieved {
  retrieved = false;
  readonly #loop: ExceptionReporter;
  readonly #kind: string;
  readonly #exception: unknown;

  private constructor(loop: ExceptionReporter, kind: string, exception: unknown) {
    this.#loop = loop;
    this.#kind = kind;
    this.#exception = exception;
  }

  static watch(
    future: object,
    loop: ExceptionReporter,
    kind: string,
    exception: unknown,
  ): NeverRetrieved {
    const record = new NeverRetrieved(loop, kind, exception);
    registry.register(future, record);
    return record;
  }

  report(): void {
    this.#loop.callExceptionHandler({
      message: `${this.#kind} exception was never retrieved`,
      exception: this.#exception,
      future: `<${this.#kind} finished exception=${repr(this.#exception)}>`,
    });
  }
}
