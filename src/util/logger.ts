/**
 * The logger that asyncio's messages go to: named 'asyncio', level 'info', to stderr.
 *
 * Anything with debug, info, warn and error methods may take its place (console, pino, winston), so
 * that logging over a network stays off the loop's thread. The logger never throws at its caller.
 */

import { typeError } from './check.js';

export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

class StandardErrorLogger implements Logger {
  readonly name = 'asyncio';
  #level = LEVELS.indexOf('info');

  get level(): LogLevel {
    return LEVELS[this.#level] as LogLevel;
  }

  /** Messages below this level are dropped. */
  set level(level: LogLevel) {
    const index = LEVELS.indexOf(level);
    if (index < 0) throw typeError('level', `one of ${LEVELS.join(', ')}`, level);
    this.#level = index;
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
    if (LEVELS.indexOf(level) >= this.#level) process.stderr.write(`${message}\n`);
  }
}

/** The default logger; its `level` may be set. */
export const logger = new StandardErrorLogger();

let current: Logger = logger;

/** Sends uvio's messages to `replacement` from now on. */
export function setLogger(replacement: Logger): void {
  for (const method of ['debug', 'info', 'warn', 'error'] as const) {
    if (typeof replacement?.[method] !== 'function') {
      throw typeError('logger', `an object with a method '${method}'`, replacement);
    }
  }
  current = replacement;
}

/** Logs through whatever logger is set. */
export function log(level: Exclude<LogLevel, 'silent'>, message: string): void {
  try {
    current[level](message);
  } catch (error) {
    process.stderr.write(`${message}\n(the logger threw: ${String(error)})\n`);
  }
}
