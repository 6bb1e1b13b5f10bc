/**
 * The switches of debug mode: what a loop checks, and asyncio's environment variable for all of it.
 *
 * asyncio knows on and off. Here each check has a switch of its own, so that a program in production can log slow
 * callbacks alone. Invariant: a loop on which nothing is switched on has null for its switches, and pays one look at that.
 */

import { checkBoolean, checkNumber, rangeError, typeError } from '../util/check.js';

/** What setDebug() takes: the checks that are wanted; the others are off. */
export interface DebugOptions {
  /** Logs callbacks that take slowCallbackDuration or longer; a number sets that as well, in milliseconds. */
  slowCallbacks?: boolean | number;
  /** Logs turns that came later than the loop's earliest timer wanted, by slowCallbackDuration or more. */
  slowIo?: boolean;
  /** Futures, tasks, handles and transports know where they were made. */
  creationStacks?: boolean;
  /** Coroutines that are never awaited are reported with where they were made, and soon. */
  neverAwaited?: boolean;
  /** Exceptions that nobody retrieves are reported soon: the garbage collector is run for it. */
  neverRetrieved?: boolean;
  /** Warns of transports that a closing loop finds open, and of loops that are open when the process ends. */
  unclosed?: boolean;
  /** Logs what begins, pauses and ends: servers, connections, programs, the lookup of names. */
  lifeMessages?: boolean;
  /** Reports callbacks that still run after a second, or after so many milliseconds; see EventLoop.setWatchdog(). */
  watchdog?: boolean | number;
  /** `uvio ps` and its like may ask this thread, as with UVIO_INSPECT=1. */
  inspect?: boolean;
}

/** The same, decided. */
export type DebugSwitches = {
  readonly [K in Exclude<keyof DebugOptions, 'watchdog'>]-?: boolean;
} & {
  /** Its threshold in milliseconds. */
  readonly watchdog: number | null;
};

const NAMES = [
  'slowCallbacks',
  'slowIo',
  'creationStacks',
  'neverAwaited',
  'neverRetrieved',
  'unclosed',
  'lifeMessages',
  'watchdog',
  'inspect',
] as const;

// What runs for shorter is told of when it is over, as a slow callback.
const WATCHDOG_THRESHOLD = 1000; // ms
// What a timer of the thread that watches can wait.
const LONGEST_THRESHOLD = 0x7fffffff; // ms

/** The switches for what setDebug() was given; null when nothing is on. @throws TypeError, RangeError */
export function debugSwitches(enabled: unknown): DebugSwitches | null {
  if (typeof enabled !== 'boolean' && (typeof enabled !== 'object' || enabled === null)) {
    throw typeError('enabled', 'a boolean or an object of switches', enabled);
  }
  const options = (typeof enabled === 'boolean' ? {} : enabled) as DebugOptions;
  for (const name of Object.keys(options)) {
    if (!(NAMES as readonly string[]).includes(name)) {
      throw typeError('enabled', `an object with switches of ${NAMES.join(', ')}`, enabled);
    }
  }
  const isOn = (name: (typeof NAMES)[number]): boolean => {
    const value = options[name] ?? enabled === true;
    if (name === 'slowCallbacks' && typeof value === 'number') checkDuration(name, value);
    else if (name === 'watchdog' && typeof value === 'number') checkThreshold(name, value);
    else checkBoolean(name, value);
    return value !== false;
  };
  const decided = Object.fromEntries(NAMES.map((name) => [name, isOn(name)]));
  const { watchdog } = options;
  const threshold = typeof watchdog === 'number' ? watchdog : WATCHDOG_THRESHOLD;
  const switches = { ...decided, watchdog: decided.watchdog ? threshold : null } as DebugSwitches;
  return NAMES.some((name) => switches[name]) ? switches : null;
}

/** Checks a duration in milliseconds; infinite is never. @throws TypeError, RangeError */
export function checkDuration(argument: string, value: number): void {
  checkNumber(argument, value);
  if (value < 0) throw rangeError(argument, '0 or more', value);
}

/** Checks the threshold of a watchdog in milliseconds. @throws TypeError, RangeError */
export function checkThreshold(argument: string, value: number): void {
  checkNumber(argument, value);
  if (value < 1 || value > LONGEST_THRESHOLD) {
    throw rangeError(argument, `from 1 to ${LONGEST_THRESHOLD}`, value);
  }
}

/** Whether UVIO_DEBUG or, where there is none, PYTHONASYNCIODEBUG says that loops begin in debug mode. */
export function isDebugInEnvironment(): boolean {
  const { UVIO_DEBUG, PYTHONASYNCIODEBUG } = process.env;
  return Boolean(UVIO_DEBUG ?? PYTHONASYNCIODEBUG);
}
