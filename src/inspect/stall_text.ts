/**
 * How a stall reads in the log, in the words of asyncio's slow callbacks.
 */

import type { BlockedFrame, BlockedStack } from './blocked_stack.js';

/** What a function without a name is called. */
export const ANONYMOUS = '<anonymous>';

const MILLISECONDS_PER_SECOND = 1000;

export function formatSeconds(milliseconds: number): string {
  return (milliseconds / MILLISECONDS_PER_SECOND).toFixed(3);
}

/** `work (file:line:column)`, as in an error's stack. */
export function formatBlockedFrame(frame: BlockedFrame): string {
  const { functionName, fileName, lineNumber, columnNumber } = frame;
  return `${functionName} (${fileName}:${lineNumber}:${columnNumber})`;
}

/** What is running: the users' function that the loop has called. */
export function nameOfStall(stack: BlockedStack, thread: string): string {
  const outermost = stack.frames.at(-1);
  if (outermost === undefined) return `<a callback in ${thread}>`;
  const { functionName, fileName, lineNumber } = outermost;
  const name = functionName === ANONYMOUS ? 'anonymous function' : `${functionName}()`;
  return `<${name} at ${fileName}:${lineNumber}>`;
}

/** The stack below a message, each line with a line's end before it. */
export function stackLines(stack: BlockedStack): string {
  const { frames, missing } = stack;
  if (missing !== undefined) return `\n  (no stack: ${missing})`;
  return frames.map((frame) => `\n  at ${formatBlockedFrame(frame)}`).join('');
}

/** While it runs. */
export function stillBlocks(stack: BlockedStack, thread: string, milliseconds: number): string {
  const seconds = formatSeconds(milliseconds);
  const name = nameOfStall(stack, thread);
  return `Executing ${name} has been running for ${seconds} seconds and still blocks the loop${stackLines(stack)}`;
}

/** When it is over. */
export function tookSeconds(stack: BlockedStack, thread: string, milliseconds: number): string {
  return `Executing ${nameOfStall(stack, thread)} took ${formatSeconds(milliseconds)} seconds`;
}
