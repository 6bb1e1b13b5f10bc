/**
 * Several errors at once: Python's ExceptionGroup, as a JavaScript AggregateError.
 */

import { checkFunction, checkOptions, rangeError, typeError } from '../util/check.js';

/** A class of errors, abstract ones included. */
// biome-ignore lint/suspicious/noExplicitAny: any class of errors
export type ErrorClass = abstract new (...args: any[]) => unknown;

/** What subgroup() and split() choose by: a class, or a function of the error. */
export type ErrorCondition = ErrorClass | ((error: unknown) => boolean);

/** Several errors at once, in a tree: Python's ExceptionGroup as an AggregateError. */
export class ExceptionGroup extends AggregateError {
  static {
    ExceptionGroup.prototype.name = 'ExceptionGroup';
  }
  readonly #title: string;

  /** @throws TypeError, or RangeError when there is no error */
  constructor(message: string, errors: Iterable<unknown>, options?: ErrorOptions) {
    if (typeof message !== 'string') throw typeError('message', 'a string', message);
    if (typeof errors?.[Symbol.iterator] !== 'function') {
      throw typeError('errors', 'an iterable of errors', errors);
    }
    checkOptions(options);
    const all = [...errors];
    if (all.length === 0) throw rangeError('errors', 'one error or more', all);
    super(all, `${message} (${all.length} sub-exception${all.length === 1 ? '' : 's'})`, options);
    this.#title = message;
  }

  /** The errors, by Python's name. */
  get exceptions(): readonly unknown[] {
    return this.errors;
  }

  /** A group like this one with other errors. */
  derive(errors: Iterable<unknown>): ExceptionGroup {
    return new ExceptionGroup(this.#title, errors);
  }

  /** The group of those that match, nested groups included; null when none does. */
  subgroup(condition: ErrorCondition): ExceptionGroup | null {
    return this.split(condition)[0];
  }

  /** The group of those that match, and that of the rest; null for an empty one. */
  split(condition: ErrorCondition): [ExceptionGroup | null, ExceptionGroup | null] {
    checkFunction('condition', condition);
    const matches = matcher(condition);
    if (matches(this)) return [this, null];
    const matching: unknown[] = [];
    const rest: unknown[] = [];
    for (const error of this.errors) {
      if (error instanceof ExceptionGroup) {
        const [inside, outside] = error.split(condition);
        if (inside !== null) matching.push(inside);
        if (outside !== null) rest.push(outside);
      } else {
        (matches(error) ? matching : rest).push(error);
      }
    }
    return [this.#part(matching), this.#part(rest)];
  }

  #part(errors: unknown[]): ExceptionGroup | null {
    if (errors.length === 0) return null;
    const part = this.derive(errors);
    if ('cause' in this) part.cause = this.cause;
    return part;
  }
}

function matcher(condition: ErrorCondition): (error: unknown) => boolean {
  const isClass = condition === Error || condition.prototype instanceof Error;
  if (isClass) return (error) => error instanceof (condition as ErrorClass);
  return (error) => (condition as (error: unknown) => boolean)(error);
}
