/**
 * What an executor can run: a function, by its source, or the export of a module, by its URL.
 *
 * Python's executors take whatever pickle can name; a JavaScript function can be named by its source only. Invariant:
 * what cannot work in a worker is refused here, before a worker has anything to do with it.
 */

import { type AbortOptions, checkAbortOptions } from '../core/abort.js';
import { isCoroutine, isCoroutineFunction } from '../core/coroutines.js';
import { checkBoolean, checkDuration, typeError } from '../util/check.js';
import { callName } from '../util/format.js';
import type { Call } from './executor_worker.js';

/** A function that needs nothing from around it. */
// biome-ignore lint/suspicious/noExplicitAny: a job's function takes anything
export type JobFunction<A extends unknown[] = any[], R = unknown> = (...args: A) => R;

/** What a call in an executor takes beside its arguments. */
export interface JobOptions extends AbortOptions {
  /** Milliseconds from the call on, after which the work is stopped; by default it has all the time there is. */
  timeout?: number;
  /** Buffers, ports and others among the arguments that are handed over instead of copied. Threads only. */
  transferList?: readonly object[];
  /**
   * Hands the result over instead of copying it: its memory, when it is an ArrayBuffer, a view of a whole one or a
   * MessagePort, and that of its members. Threads only.
   */
  transferResult?: boolean;
}

/** A function or module together with how it is run: what job() returns. */
export class Job<A extends unknown[] = unknown[], R = unknown> {
  /** @internal */ readonly _work: JobFunction<A, R> | URL | string;
  /** @internal */ readonly _options: JobOptions;

  /** Made by job(). @internal */
  constructor(work: JobFunction<A, R> | URL | string, options: JobOptions) {
    this._work = work;
    this._options = options;
  }
}

/** What an executor takes. */
export type Work<A extends unknown[], R> = JobFunction<A, R> | URL | string | Job<A, R>;

/**
 * Says how a function is to be run, where there are arguments only: `toThread(job(fn, { timeout: 500 }), …args)`.
 *
 * @param work a self-contained function, or a module's URL with the name of an export behind `#`
 * @throws TypeError or RangeError
 */
export function job<A extends unknown[], R>(
  work: JobFunction<A, R>,
  options?: JobOptions,
): Job<A, Awaited<R>>;
export function job<R = unknown>(work: URL | string, options?: JobOptions): Job<unknown[], R>;
export function job(work: JobFunction | URL | string, options?: JobOptions): Job {
  checkJobOptions(options);
  codeOf(work, 'job');
  return new Job(work, { ...options });
}

/** @throws TypeError or RangeError */
export function checkJobOptions(options: JobOptions | undefined): void {
  checkAbortOptions(options);
  const { timeout, transferList, transferResult } = options ?? {};
  if (timeout !== undefined) checkDuration('timeout', timeout);
  if (transferList !== undefined && !Array.isArray(transferList)) {
    throw typeError('transferList', 'an array', transferList);
  }
  if (transferResult !== undefined) checkBoolean('transferResult', transferResult);
}

type Code = Omit<Call, 'args' | 'transfersResult'>;

const sources = new WeakMap<JobFunction, Code>();

/**
 * The code that a worker is to run.
 *
 * @param method whose argument it is, for asyncio's message about coroutines
 * @throws TypeError
 */
export function codeOf(work: unknown, method: string): Code {
  if (isCoroutine(work) || isCoroutineFunction(work)) {
    throw new TypeError(`coroutines cannot be used with ${method}()`);
  }
  if (typeof work === 'string' || work instanceof URL) return moduleOf(work);
  if (typeof work !== 'function') throw typeError('fn', 'a function or the URL of a module', work);
  const fn = work as JobFunction;
  let code = sources.get(fn);
  if (code === undefined) {
    code = { name: callName(fn), source: sourceOf(fn), url: '', exported: '' };
    sources.set(fn, code);
  }
  return code;
}

const PROTOCOLS = ['file:', 'node:', 'data:'];

function moduleOf(work: string | URL): Code {
  const url = URL.canParse(String(work)) ? new URL(work) : null;
  if (url === null || !PROTOCOLS.includes(url.protocol)) {
    const expected = 'a function or the URL of a module (file:, node: or data:)';
    throw typeError('fn', expected, String(work));
  }
  const exported = decodeURIComponent(url.hash.slice(1)) || 'default';
  url.hash = '';
  return { name: `${exported}()`, source: null, url: url.href, exported };
}

function sourceOf(fn: JobFunction): string {
  const source = Function.prototype.toString.call(fn);
  const kind = kindOf(fn, source);
  if (kind === null) return source;
  throw typeError(
    'fn',
    `a function that its source describes (${kind} cannot get to a worker)`,
    fn,
  );
}

/** What keeps a function from being run by its source; null when nothing does. */
function kindOf(fn: JobFunction, source: string): string | null {
  if (/\{\s*\[native code\]\s*\}$/.test(source)) {
    return fn.name.startsWith('bound ') ? 'a bound function' : 'a native function';
  }
  if (/^class\b/.test(source)) return 'a class';
  if (/Generator/.test(Object.prototype.toString.call(fn))) return 'a generator function';
  const { Script } = process.getBuiltinModule('node:vm');
  try {
    new Script(`"use strict";(${source}\n)`);
  } catch {
    // A method's source is no expression; the others need what only their place has.
    return 'a method, or one with super, a private name, import.meta or await of its module,';
  }
  return null;
}
