/**
 * What createSubprocessExec() and its relatives take beyond the loop's subprocessExec(): how long the process may run,
 * and how it is ended.
 */

import { checkAbortOptions } from '../core/abort.js';
import type { ProcessOptions } from '../io/process_options.js';
import { type SignalName, signalNumber } from '../io/signals.js';
import { checkBoolean, checkDuration, checkInteger } from '../util/check.js';
import { checkLimit } from './stream_reader.js';

const FORCE_KILL_AFTER = 5000;

/** When and how a program is ended. */
export interface EndingOptions {
  /** Ends the process so many milliseconds after its start; by default never. */
  timeout?: number;
  /** What asks the process to end when `signal` aborts, `timeout` passes or close() is called: SIGTERM by default. */
  killSignal?: SignalName;
  /** Milliseconds after which SIGKILL follows killSignal; 5000 by default, Infinity for never. */
  forceKillAfter?: number;
  /**
   * Ends what the process has started as well. The process gets a group of its own, unless options ask for another,
   * and a mark in its environment by which descendants are known that have left the group.
   */
  killTree?: boolean;
}

/** What createSubprocessExec() and createSubprocessShell() take. */
export interface SubprocessOptions extends ProcessOptions, EndingOptions {
  /** The limit of the readers of stdout and stderr in bytes: see StreamReaderOptions. */
  limit?: number;
  /** The most bytes of stdout, and of stderr, that communicate() collects before it ends the process; by default any number. */
  maxBuffer?: number;
}

/** How a process is ended, with nothing left out. */
export interface EndingSettings {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  readonly killSignal: SignalName;
  readonly forceKillAfter: number;
  readonly killTree: boolean;
}

export interface SubprocessSettings extends EndingSettings {
  readonly limit: number;
  readonly maxBuffer: number;
}

/** @throws TypeError or RangeError; what the loop's subprocessExec() takes is checked there */
export function checkSubprocessOptions(options: SubprocessOptions | undefined): SubprocessSettings {
  checkAbortOptions(options);
  const {
    signal,
    timeout = Number.POSITIVE_INFINITY,
    killSignal = 'SIGTERM',
    forceKillAfter = FORCE_KILL_AFTER,
    killTree = false,
    maxBuffer = Number.POSITIVE_INFINITY,
  } = options ?? {};
  checkDuration('timeout', timeout);
  signalNumber(killSignal);
  checkDuration('forceKillAfter', forceKillAfter);
  checkBoolean('killTree', killTree);
  if (maxBuffer !== Number.POSITIVE_INFINITY) {
    checkInteger('maxBuffer', maxBuffer, 0, Number.MAX_SAFE_INTEGER);
  }
  const limit = checkLimit(options?.limit);
  return { signal, timeout, killSignal, forceKillAfter, killTree, maxBuffer, limit };
}
