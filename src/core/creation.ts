/**
 * Where objects were made: asyncio's source_traceback, taken in debug mode only.
 *
 * The stacks are kept beside the objects, so that without debug mode they are no larger and their constructors
 * take one look at a switch. A stack is made text when somebody looks at it.
 */

import { formatFrame, framesOf, type StackFrame, takeStack } from './stacks.js';

// Frames of the user's that are shown, as asyncio's DEBUG_STACK_DEPTH, and of the library's on top of them.
const SHOWN = 10;
const TAKEN = SHOWN + 8;

const stacks = new WeakMap<object, Error>();

/** `object` is being made, by whoever is on the stack. */
export function noteCreation(object: object): void {
  stacks.set(object, takeStack(TAKEN));
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
export function inheritCreation(asked: object, made: unknown): void {
  const taken = stacks.get(asked);
  const one: unknown = Array.isArray(made) ? made[0] : made;
  if (taken !== undefined && typeof one === 'object' && one !== null) stacks.set(one, taken);
}

/** Where `object` was made, the innermost frame first; undefined when that is not known. */
export function creationOf(object: object): StackFrame[] | undefined {
  const taken = stacks.get(object);
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
