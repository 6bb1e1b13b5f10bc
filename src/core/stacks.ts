/**
 * Where code waits: call stacks as lists of frames, taken in debug mode at every await inside a task.
 *
 * JavaScript does not tell where a suspended function stands. What it does is ask a future for its `then` (or its
 * iterator) while the function is still on the stack, and that is when the stack is taken.
 */

import { runningTask } from './context.js';

/** What text is printed to: a stream, or whatever looks like one. */
export interface Printer {
  /** Takes the text. */
  write(text: string): unknown;
}

/** One line of a call stack. */
export interface StackFrame {
  /** `<anonymous>` where there is no name, as at the top of a module. */
  functionName: string;
  /** A path or a URL, through source maps. */
  fileName: string;
  /** From 1. */
  lineNumber: number;
  /** From 1. */
  columnNumber: number;
  /** Whether it is the caller by `await` only. */
  isAsync: boolean;
}

const DEPTH = 50;
const PLACE = /^(?<file>.+):(?<line>\d+):(?<column>\d+)$/;
const FRAME = /^\s+at (?<isAsync>async )?(?:(?<name>.+?) \((?<inside>.+)\)|(?<alone>.+))$/;

// Frames of the library and of Node, among which users' code runs, are of no interest. How the library's begin
// is read from one of them, because source maps change it: all but the folder and the name of this file, or of the
// bundle's that it is in.
let library: string | undefined;

function findLibrary(): string {
  const { stack } = takeStack(1);
  const lines = typeof stack === 'string' ? stack.split('\n') : [];
  const own = lines.map((line) => matchFrame(line).place?.file).find((file) => file !== undefined);
  return own?.match(/^(?<found>.+[/\\])[^/\\]+[/\\][^/\\]+$/)?.groups?.found ?? 'node:';
}

/** The present stack, which is made text when somebody looks at it. */
export function takeStack(depth = DEPTH): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = depth;
  const taken = new Error();
  Error.stackTraceLimit = limit;
  return taken;
}

/** The users' frames of an error's stack, the innermost first. */
export function framesOf(error: unknown): StackFrame[] {
  const stack = error instanceof Error ? error.stack : undefined;
  if (typeof stack !== 'string') return [];
  return stack.split('\n').flatMap(parseFrame);
}

function matchFrame(line: string) {
  const frame = FRAME.exec(line)?.groups;
  return { frame, place: PLACE.exec(frame?.inside ?? frame?.alone ?? '')?.groups };
}

function parseFrame(line: string): StackFrame[] {
  const { frame, place } = matchFrame(line);
  const file = place?.file;
  library ??= findLibrary();
  if (file === undefined || file.startsWith('node:') || file.startsWith(library)) return [];
  return [
    {
      functionName: frame?.name ?? '<anonymous>',
      fileName: file,
      lineNumber: Number(place?.line),
      columnNumber: Number(place?.column),
      isAsync: frame?.isAsync !== undefined,
    },
  ];
}

/** `work (file:line:column)`, as in an error's stack. */
export function formatFrame(frame: StackFrame): string {
  const { functionName, fileName, lineNumber, columnNumber, isAsync } = frame;
  return `${isAsync ? 'async ' : ''}${functionName} (${fileName}:${lineNumber}:${columnNumber})`;
}

/** The running task, if any, is about to wait: it remembers where, which is returned. */
export function noteAwait(): Error {
  const task = runningTask() as { _suspendsAt?(stack: Error): void } | null;
  const here = takeStack();
  task?._suspendsAt?.(here);
  return here;
}
