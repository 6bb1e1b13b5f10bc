/**
 * From the arguments of subprocessExec to a plan for the native side: everything is checked here.
 *
 * What remains to fail is the system's. Invariant: whoever holds a StartRequest can start it without an error
 * of its arguments.
 */

import { isMainThread } from 'node:worker_threads';
import {
  type ProcessPlan,
  SPAWN_KEEP_DESCRIPTORS,
  SPAWN_LEAVE_RUNNING,
  SPAWN_NEW_SESSION,
} from '../binding/process_contract.js';
import { checkBoolean, checkInteger, checkOptions, rangeError, typeError } from '../util/check.js';
import type { LimitName, ProcessOptions } from './process_options.js';
import { ChildStdio } from './process_stdio.js';
import { checkPath, checkText, pack, packEnvironment, show } from './process_text.js';
import { signalNumber } from './signals.js';

/** (uid_t) -1 means no change. */
const LARGEST_ID = 0xfffffffe;
const LARGEST_PID = 0x7fffffff;
const LARGEST_PROCESSOR = 0xffff;
const NO_OPTIONS: ProcessOptions = {};
const systemsEnvironment = process.env;

/** RLIMIT_* of Linux, on all architectures but MIPS and SPARC. */
const LIMITS: readonly LimitName[] = [
  'cpu',
  'fsize',
  'data',
  'stack',
  'core',
  'rss',
  'nproc',
  'nofile',
  'memlock',
  'as',
  'locks',
  'sigpending',
  'msgqueue',
  'nice',
  'rtprio',
  'rttime',
];

/** What is to be started. */
export interface StartRequest {
  plan: ProcessPlan;
  stdio: ChildStdio;
  /** As they are shown. */
  program: string;
  args: readonly string[];
  cwd: string | undefined;
  killOnClose: boolean;
}

/** @throws TypeError, RangeError or RuntimeError */
export function checkStart(
  program: unknown,
  args: unknown,
  options: ProcessOptions = NO_OPTIONS,
): StartRequest {
  checkOptions(options);
  const file = checkPath('program', program);
  if (!Array.isArray(args)) throw typeError('args', 'an array', args);
  const argv0 = options.argv0 === undefined ? file : checkText('argv0', options.argv0);
  // A hole of the array, too, is undefined.
  const argv = [argv0, ...Array.from(args, (value, at) => checkText(`args[${at}]`, value))];
  const cwd = options.cwd === undefined ? undefined : checkPath('cwd', options.cwd);
  const stdio = new ChildStdio(options);
  const { killOnClose = true } = options;
  checkBoolean('killOnClose', killOnClose);
  const plan: ProcessPlan = {
    program: pack([file]),
    args: pack(argv),
    env: environment(options.env),
    cwd: cwd === undefined ? undefined : pack([cwd]),
    stdio: Int32Array.from(stdio.entries),
    files: pack(stdio.files),
    flags: flagsOf(options, killOnClose),
    processGroup: optional(options, 'processGroup', 0, LARGEST_PID),
    umask: optional(options, 'umask', 0, 0o777),
    nice: optional(options, 'nice', -20, 19),
    parentDeathSignal:
      options.parentDeathSignal === undefined ? undefined : signalNumber(options.parentDeathSignal),
    uid: optional(options, 'uid', 0, LARGEST_ID),
    gid: optional(options, 'gid', 0, LARGEST_ID),
    groups: numbers('groups', options.groups, LARGEST_ID),
    cpuAffinity: processors(options.cpuAffinity),
    rlimits: limits(options.rlimits),
  };
  const shown = { program: show(file), args: argv.map(show), cwd: cwd && show(cwd) };
  return { plan, stdio, ...shown, killOnClose };
}

/** Undefined for that of the process, which the native side has at hand; a worker, or a program, may have its own. */
function environment(env: ProcessOptions['env']): Uint8Array | undefined {
  if (env === undefined) {
    const isSystems = isMainThread && process.env === systemsEnvironment;
    return isSystems ? undefined : packEnvironment(process.env);
  }
  checkOptions(env, 'env');
  return packEnvironment(env);
}

function flagsOf(options: ProcessOptions, killOnClose: boolean): number {
  const { startNewSession = false, closeFds = true } = options;
  checkBoolean('startNewSession', startNewSession);
  checkBoolean('closeFds', closeFds);
  return (
    (startNewSession ? SPAWN_NEW_SESSION : 0) |
    (closeFds ? 0 : SPAWN_KEEP_DESCRIPTORS) |
    (killOnClose ? 0 : SPAWN_LEAVE_RUNNING)
  );
}

function optional(
  options: ProcessOptions,
  name: 'processGroup' | 'umask' | 'nice' | 'uid' | 'gid',
  minimum: number,
  maximum: number,
): number | undefined {
  const value = options[name];
  if (value !== undefined) checkInteger(name, value, minimum, maximum);
  return value;
}

function numbers(
  argument: string,
  list: readonly number[] | undefined,
  maximum: number,
): Uint32Array | undefined {
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) throw typeError(argument, 'an array', list);
  list.forEach((value, index) => {
    checkInteger(`${argument}[${index}]`, value, 0, maximum);
  });
  return Uint32Array.from(list);
}

function processors(list: readonly number[] | undefined): Uint32Array | undefined {
  const checked = numbers('cpuAffinity', list, LARGEST_PROCESSOR);
  if (checked?.length === 0) throw rangeError('cpuAffinity', 'not empty', list);
  return checked;
}

function limits(list: ProcessOptions['rlimits']): Float64Array | undefined {
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) throw typeError('rlimits', 'an array', list);
  const words: number[] = [];
  for (const [index, entry] of list.entries()) {
    const argument = `rlimits[${index}]`;
    if (!Array.isArray(entry)) throw typeError(argument, 'an array [limit, soft, hard]', entry);
    const [name, soft, hard] = entry as [LimitName, number, number];
    const resource = LIMITS.indexOf(name);
    if (resource < 0) throw rangeError(`${argument}[0]`, `one of ${LIMITS.join(', ')}`, name);
    words.push(resource, limit(`${argument}[1]`, soft), limit(`${argument}[2]`, hard));
  }
  return Float64Array.from(words);
}

function limit(argument: string, value: number): number {
  if (value !== Number.POSITIVE_INFINITY) checkInteger(argument, value, 0, Number.MAX_SAFE_INTEGER);
  return value;
}
