/**
 * What runs in a worker of an executor: one call at a time, whose outcome is data.
 *
 * The counterpart of concurrent.futures' _WorkItem.run. A worker loads this file and nothing else of the library, so
 * that it starts fast. Invariant: perform() never throws; what the call threw is described so that the other side can
 * make an error of the same class, name, properties and stack of it.
 */

import { inspect } from 'node:util';
import * as workerThreads from 'node:worker_threads';

/** What a worker is given. */
export interface Call {
  /** The function's name, for messages. */
  readonly name: string;
  /** A function's source, or null for the export of a module. */
  readonly source: string | null;
  readonly url: string;
  readonly exported: string;
  readonly args: readonly unknown[];
  /** Whether the result's memory is handed over instead of copied. */
  readonly transfersResult: boolean;
}

/** An error in parts that structured clone keeps. */
export interface ErrorParts {
  /** The class of JavaScript's own that it extends. */
  readonly type: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly properties: readonly { key: string; enumerable: boolean; value: Packed }[];
}

/** A value, in which errors are taken apart. */
export type Packed = { value: unknown } | { error: ErrorParts } | { list: readonly Packed[] };

/** How a call ended. */
export type Outcome = { value: unknown } | { thrown: Packed };

/** The code by which that is known on the other side when a thread's result cannot be copied. */
export const UNCLONEABLE = 'ERR_UVIO_UNCLONEABLE';

/** The file that a function's frames name, since where it was written is not known here. */
const SOURCE_URL = 'uvio-job';
// Functions made at run time must not fill the memory.
const MOST_COMPILED = 1000;
const DEEPEST_ERROR = 4;

const BUILT_IN = [
  AggregateError,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  DOMException,
];

type AnyFunction = (...args: readonly unknown[]) => unknown;

const compiled = new Map<string, AnyFunction>();

/** The name of the call that is running, or has just ended. */
let running = '';

/** Whether what piscina throws is seen to: not before there is a call, since the library's main thread loads this file too. */
let isTranslating = false;

/**
 * In a thread piscina throws outside of the call that a result cannot be copied. As the DOMException that it is, it would
 * arrive on the other side without a word.
 */
function translateUncloneable(): void {
  if (isTranslating || workerThreads.isMainThread) return;
  isTranslating = true;
  process.on('uncaughtException', (error: unknown) => {
    if (!(error instanceof DOMException)) throw error;
    throw Object.assign(uncloneable(error), { code: UNCLONEABLE });
  });
}

/** Runs a call to its end. */
export default async function perform(call: Call): Promise<Outcome> {
  translateUncloneable();
  running = call.name;
  try {
    const fn = call.source === null ? await load(call) : compile(call.source);
    const value = await fn(...call.args);
    return call.transfersResult ? await transferring(value) : { value };
  } catch (error) {
    return { thrown: packThrown(error, call) };
  }
}

function packThrown(error: unknown, call: Call): Packed {
  try {
    return pack(explained(error, call));
  } catch {
    // A getter of it throws, or its message is no text.
    return pack(new Error(`What ${call.name} threw cannot be described`));
  }
}

/** The error for a result that cannot be copied. */
export function uncloneable(error: unknown): TypeError {
  return new TypeError(`The result of ${running} cannot be copied: ${(error as Error).message}`);
}

function compile(source: string): AnyFunction {
  let fn = compiled.get(source);
  if (fn === undefined) {
    if (compiled.size === MOST_COMPILED) compiled.clear();
    // Modules are strict, so their functions were. An indirect eval sees globals only.
    const program = `"use strict";(${source}\n)\n//# sourceURL=${SOURCE_URL}`;
    // biome-ignore lint/security/noGlobalEval: it is the caller's own function
    // biome-ignore lint/complexity/noCommaOperator: that makes it indirect
    fn = (0, eval)(program) as AnyFunction;
    compiled.set(source, fn);
  }
  return fn;
}

async function load({ url, exported }: Call): Promise<AnyFunction> {
  const module = (await import(url)) as Record<string, unknown>;
  const fn = module[exported];
  if (typeof fn !== 'function') throw new TypeError(`${url} exports no function '${exported}'`);
  return fn as AnyFunction;
}

/** The outcome whose memory moves: that of the value itself, or of its members. */
async function transferring(value: unknown): Promise<Outcome> {
  const { move } = await import('piscina');
  const members = typeof value === 'object' && value !== null ? Object.values(value) : [];
  const found = new Set([value, ...(ArrayBuffer.isView(value) ? [] : members)].flatMap(movable));
  const outcome = { value };
  if (found.size > 0) {
    Object.defineProperties(outcome, {
      [Symbol.for('Piscina.transferable')]: { value: [...found] },
      [Symbol.for('Piscina.valueOf')]: { value: { value } },
    });
    move(outcome as never);
  }
  return outcome;
}

function movable(value: unknown): object[] {
  if (value instanceof ArrayBuffer || value instanceof MessagePort) return [value];
  // A small Buffer shares its memory with others.
  const isWhole = ArrayBuffer.isView(value) && value.byteLength === value.buffer.byteLength;
  return isWhole && value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
}

/** A function that reaches for what was around it gets an error that says so. */
function explained(error: unknown, call: Call): unknown {
  if (!(error instanceof ReferenceError) || call.source === null) return error;
  const missing = /^(.+) is not defined$/.exec(error.message)?.[1];
  const frames = error.stack?.slice(error.stack.indexOf('\n    at ')) ?? '';
  if (missing === undefined || !frames.split('\n')[1]?.includes(`${SOURCE_URL}:`)) return error;
  const message =
    `${call.name} uses '${missing}', which a worker does not have: only the function's source gets there. ` +
    `Pass '${missing}' as an argument, or the URL of a module in place of the function`;
  const own = new TypeError(message);
  own.stack = `TypeError: ${message}${frames}`;
  return own;
}

/** Takes errors in `value` apart; what cannot be copied becomes its description. */
export function pack(value: unknown, depth = 0): Packed {
  if (value instanceof Error && depth <= DEEPEST_ERROR) return { error: parts(value, depth) };
  if (Array.isArray(value) && value.some((one) => one instanceof Error)) {
    return { list: value.map((one) => pack(one, depth + 1)) };
  }
  try {
    return { value: structuredClone(value) };
  } catch {
    return { value: inspect(value) };
  }
}

function parts(error: Error, depth: number): ErrorParts {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(error))
    .filter(([key]) => !['stack', 'message', 'name'].includes(key))
    .map(([key, { enumerable = false }]) => {
      const value = pack(error[key as keyof Error], depth + 1);
      return { key, enumerable, value };
    });
  return {
    type: BUILT_IN.find((one) => error instanceof one)?.name ?? 'Error',
    name: String(error.name),
    message: String(error.message),
    stack: ownFrames(String(error.stack ?? '')),
    properties,
  };
}

/** The stack as far as it is the call's own. */
function ownFrames(stack: string): string {
  const lines = stack.split('\n');
  const end = lines.findIndex((line) => /^\s+at .*executor_worker\.[jt]s/.test(line));
  return (end < 0 ? lines : lines.slice(0, end)).join('\n');
}
