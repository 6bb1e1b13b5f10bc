/**
 * Where objects were made: asyncio's source_traceback, taken in debug mode only.
 *
 * Objects get their stack as a private member when there is one, so that without debug mode they are no larger and
 * their constructors take one look at a switch. A stack is made text when somebody looks at it.
 */

import { formatFrame, framesOf, noteAwait, type StackFrame, takeStack } from './stacks.js';

// Frames of the user's that are shown, as asyncio's DEBUG_STACK_DEPTH, and of the library's on top of them.
const SHOWN = 10;
const TAKEN = SHOWN + 8;

class Unchanged {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: so a subclass gives its members to an object that is there
    return object;
  }
}

/** The member; a WeakMap in its place costs a quarter more, most of it in the collector. */
class Creation extends Unchanged {
  #taken: Error;

  private constructor(object: object, taken: Error) {
    super(object);
    this.#taken = taken;
  }

  static set(object: object, taken: Error): void {
    if (#taken in object) object.#taken = taken;
    else new Creation(object, taken);
  }

  static get(object: object): Error | undefined {
    return #taken in object ? object.#taken : undefined;
  }
}

/** Where what is being made was asked for, if that is not on the stack. */
let asked: Error | null = null;

/** `object` is being made, by whoever is on the stack. */
export function noteCreation(object: object): void {
  Creation.set(object, asked ?? takeStack(TAKEN));
}

/** A future's `then`, which for an await Node calls later: what it makes was made where it was asked for. */
export function madeWhereAsked<F extends (...handlers: never[]) => unknown>(then: F): F {
  const here = noteAwait();
  const madeHere = function (this: unknown, ...handlers: never[]): unknown {
    asked = here;
    try {
      return then.apply(this, handlers);
    } finally {
      asked = null;
    }
  };
  return madeHere as F;
}

const cancelledCalls = new WeakMap<object, string>();

/** A handle that is being cancelled forgets its callback; its repr is to show it still. */
export function noteCancelled(handle: object, call: string): void {
  if (call !== '') cancelledCalls.set(handle, call);
}

export function cancelledCall(handle: object): string {
  return cancelledCalls.get(handle) ?? '';
}

/** What was made for somebody was made where he asked for it: `made`, or its first if it is several. */
export function inheritCreation(request: object, made: unknown): void {
  const taken = Creation.get(request);
  const one: unknown = Array.isArray(made) ? made[0] : made;
  if (taken !== undefined && typeof one === 'object' && one !== null) Creation.set(one, taken);
}

/** Where `object` was made, the innermost frame first; undefined when that is not known. */
export function creationOf(object: object): StackFrame[] | undefined {
  const taken = Creation.get(object);
  if (taken === undefined) return undefined;
  const frames = framesOf(taken).slice(0, SHOWN);
  return frames.length === 0 ? undefined : frames;
}

/** `{ sourceTraceback }` for the exception handler's context, or nothing. */
export function sourceTraceback(object: object): { sourceTraceback?: StackFrame[] } {
  const frames = creationOf(object);
  return frames === undefined ? {} : { sourceTraceback: frames };
}

/** `created at file:line` as a word of a repr, or no word. */
export function createdAt(object: object): string[] {
  const frame = creationOf(object)?.[0];
  return frame === undefined ? [] : [`created at ${frame.fileName}:${frame.lineNumber}`];
}

/** `what` and the frames under it, as Python orders them. */
export function formatCreation(what: string, frames: readonly StackFrame[]): string {
  const lines = [...frames].reverse().map((frame) => `  at ${formatFrame(frame)}`);
  return [`${what} created at (most recent call last):`, ...lines].join('\n');
}
