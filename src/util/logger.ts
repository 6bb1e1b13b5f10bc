/**
 * The logger that asyncio's messages go to: named 'asyncio', level 'info', to stderr.
 *
 * Anything with debug, info, warn and error methods may take its place (console, pino, winston), so
 * that logging over a network stays off the loop's thread. The logger never throws at its caller.
 */

import { typeError } from './check.js';

/** Whatever has the four methods: the console, pino, winston. */
export interface Logger {
  /** What only debug mode says. */
  debug(message: string): void;
  /** What went well. */
  info(message: string): void;
  /** What may be wrong. */
  warn(message: string): void;
  /** What went wrong. */
  error(message: string): void;
}

/** From the least to the most important, and `silent`. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** From the lowest to the highest. */
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** The logger of uvio's own, named `asyncio`: it writes each message that its level lets through to stderr, as a line. */
export class StandardErrorLogger implements Logger {
  /** `asyncio`, so that its messages are found under the name that asyncio's have. */
  readonly name = 'asyncio';
  /** The level's index, in memory that other threads may look at. @internal */
  readonly _shared = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)).fill(
    LOG_LEVELS.indexOf('info'),
  );

  /** Messages below this level are dropped; `info` at first. */
  get level(): LogLevel {
    return LOG_LEVELS[this._shared[0] as number] as LogLevel;
  }

  /** @throws TypeError for what is no level */
  set level(level: LogLevel) {
    const index = LOG_LEVELS.indexOf(level);
    if (index < 0) throw typeError('level', `one of ${LOG_LEVELS.join(', ')}`, level);
    this._shared[0] = index;
  }

  debug(message: string): void {
    this.#write('debug', message);
  }

  info(message: string): void {
    this.#write('info', message);
  }

  warn(message: string): void {
    this.#write('warn', message);
  }

  error(message: string): void {
    this.#write('error', message);
  }

  #write(level: LogLevel, message: string): void {
    if (LOG_LEVELS.indexOf(level) >= (this._shared[0] as number))
      process.stderr.write(`${message}\n`);
  }
}

/** Where uvio's messages go unless setLogger() says otherwise; Python's `logging.getLogger('asyncio')`. Its `level` may be set. */
export const logger = new StandardErrorLogger();

let current: Logger = logger;

/**
 * Sends uvio's messages, of this thread, to `replacement` from now on.
 *
 * @throws TypeError for what lacks one of the four methods
 */
export function setLogger(replacement: Logger): void {
  for (const method of ['debug', 'info', 'warn', 'error'] as const) {
    if (typeof replacement?.[method] !== 'function') {
      throw typeError('logger', `an object with a method '${method}'`, replacement);
    }
  }
  current = replacement;
}

/** Whether messages go where an observer on another thread can write, too: to standard error. */
export function isStandardLogger(): boolean {
  return current === logger;
}

/** Logs through whatever logger is set. */
export function log(level: Exclude<LogLevel, 'silent'>, message: string): void {
  try {
    current[level](message);
  } catch (error) {
    process.stderr.write(`${message}\n(the logger threw: ${String(error)})\n`);
  }
}
