/**
 * Errors on their way to another thread: their class, message, stack, properties and causes, as text.
 *
 * A structured clone would forget all classes but JavaScript's own, and `code` with them. Invariant: whatever was thrown
 * comes out as something that can be thrown; of properties only plain ones and bytes travel.
 */

import { ExceptionGroup } from '../core/exception_group.js';
import {
  CancelledError,
  IncompleteReadError,
  InvalidStateError,
  KeyboardInterrupt,
  LimitOverrunError,
  RuntimeError,
  SendfileNotAvailableError,
  TimeoutError,
} from '../core/exceptions.js';
import { BrokenBarrierError } from '../sync/barrier.js';
import { QueueEmpty, QueueFull, QueueShutDown } from '../sync/queue_errors.js';
import { repr } from '../util/format.js';

type ErrorClass = abstract new (...args: never[]) => Error;

const CLASSES = new Map<string, ErrorClass>(
  [
    ...[BrokenBarrierError, CancelledError, IncompleteReadError, InvalidStateError],
    ...[KeyboardInterrupt, LimitOverrunError, QueueEmpty, QueueFull, QueueShutDown, RuntimeError],
    ...[SendfileNotAvailableError, TimeoutError],
    ...[EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError],
  ].map((each) => [each.prototype.name, each]),
);

type Plain = string | number | boolean | null;

interface Description {
  name: string;
  message: string;
  stack?: string | undefined;
  properties: [key: string, value: Plain | { base64: string }][];
  cause?: Thrown;
  errors?: Thrown[];
}

/** An error, or what was thrown in place of one. */
type Thrown = { error: Description } | { value: Plain };

const OWN = new Set(['name', 'message', 'stack', 'cause', 'errors']);
// A chain of causes that is longer is a ring.
const DEEPEST = 16;

export function errorToText(thrown: unknown): string {
  try {
    return JSON.stringify(describe(thrown, 0));
  } catch {
    // A getter of it throws, or its message is no text.
    return JSON.stringify(describe(new RuntimeError('what was thrown cannot be described'), 0));
  }
}

export function errorFromText(text: string): unknown {
  return restore(JSON.parse(text) as Thrown);
}

function isPlain(value: unknown): value is Plain {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function describe(thrown: unknown, depth: number): Thrown {
  if (isPlain(thrown)) return { value: thrown };
  if (!(thrown instanceof Error)) {
    return describe(new RuntimeError(`what was thrown is no error: ${repr(thrown)}`), depth);
  }
  const error: Description = {
    name: String(thrown.name),
    message: String(thrown.message),
    stack: thrown.stack,
    properties: propertiesOf(thrown),
  };
  if (depth < DEEPEST) {
    if (thrown.cause !== undefined) error.cause = describe(thrown.cause, depth + 1);
    const { errors } = thrown as Partial<AggregateError>;
    if (Array.isArray(errors)) error.errors = errors.map((each) => describe(each, depth + 1));
  }
  return { error };
}

function propertiesOf(error: Error): Description['properties'] {
  const properties: Description['properties'] = [];
  for (const [key, value] of Object.entries(error)) {
    if (OWN.has(key)) continue;
    if (isPlain(value)) properties.push([key, value]);
    if (value instanceof Uint8Array) {
      properties.push([key, { base64: Buffer.from(value).toString('base64') }]);
    }
  }
  return properties;
}

function restore(thrown: Thrown): unknown {
  if ('value' in thrown) return thrown.value;
  const { name, stack, properties, cause } = thrown.error;
  const error = construct(thrown.error);
  if (error.name !== name) defineHidden(error, 'name', name);
  if (stack !== undefined) defineHidden(error, 'stack', stack);
  for (const [key, value] of properties) {
    const isBytes = typeof value === 'object' && value !== null;
    Object.assign(error, { [key]: isBytes ? Buffer.from(value.base64, 'base64') : value });
  }
  if (cause !== undefined) defineHidden(error, 'cause', restore(cause));
  return error;
}

function construct({ name, message, errors }: Description): Error {
  if (errors !== undefined) {
    const inner = errors.map(restore);
    if (name !== 'ExceptionGroup' || inner.length === 0) return new AggregateError(inner, message);
    return new ExceptionGroup(message.replace(/ \(\d+ sub-exceptions?\)$/, ''), inner);
  }
  if (name === 'DataCloneError') return new DOMException(message, name);
  // Not the class's own constructor, which may want what has gone into the message.
  return Reflect.construct(Error, [message], CLASSES.get(name) ?? Error) as Error;
}

function defineHidden(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true });
}
