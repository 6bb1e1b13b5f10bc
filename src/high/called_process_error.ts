/**
 * The error of a command that failed: Python's subprocess.CalledProcessError.
 *
 * It says what one would look for first: the command, how it ended, and the last that it wrote to stderr.
 */

import type { ResourceUsage } from '../io/process_info.js';
import type { EndedBy } from './process_ending.js';

/** A program's output: text with an `encoding`, else bytes. */
export type Text = string | Buffer;

/**
 * How a command ended: Python's subprocess.CompletedProcess.
 *
 * @typeParam T what its output is given as
 * @typeParam Output null as well, unless both outputs were surely collected
 */
export interface CompletedProcess<T extends Text = Buffer, Output extends T | null = T | null> {
  /** The program and its arguments. */
  readonly args: readonly string[];
  /** The number it had. */
  readonly pid: number;
  /** The exit code, or minus the number of the signal that ended it. */
  readonly returncode: number;
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | null;
  /** What ended it before its time; null when it ended by itself. */
  readonly endedBy: EndedBy | null;
  /** What it wrote; null for what was no PIPE. */
  readonly stdout: Output;
  /** What it wrote to stderr; null for what was no PIPE. */
  readonly stderr: Output;
  /** What it used, without its children that it did not wait for. */
  readonly resourceUsage: ResourceUsage;
}

const TAIL_LENGTH = 2048;

/** A program that did not end with 0: what it was, how it ended, and the end of its stderr. Python's subprocess.CalledProcessError. */
export class CalledProcessError<T extends Text = Text> extends Error {
  static {
    CalledProcessError.prototype.name = 'CalledProcessError';
  }
  /** The program and its arguments. */
  readonly cmd: readonly string[];
  /** Its exit code, or minus the number of a signal. */
  readonly returncode: number;
  /** The signal that ended it, or `null`. */
  readonly signal: NodeJS.Signals | null;
  /** What of ours ended it: a time limit, a signal, too much output; or `null`. */
  readonly endedBy: EndedBy | null;
  /** Its output as far as it was read. */
  readonly stdout: T | null;
  /** Its errors as far as they were read. */
  readonly stderr: T | null;

  /** @internal */
  constructor(completed: CompletedProcess<T>) {
    super(describe(completed));
    this.cmd = completed.args;
    this.returncode = completed.returncode;
    this.signal = completed.signal;
    this.endedBy = completed.endedBy;
    this.stdout = completed.stdout;
    this.stderr = completed.stderr;
  }
}

function describe(completed: CompletedProcess<Text>): string {
  const command = completed.args.map(quote).join(' ');
  const message = `Command ${command} ${howEnded(completed)}`;
  const tail = tailOf(completed.stderr);
  return tail === '' ? message : `${message}\n${tail}`;
}

function howEnded({ endedBy, returncode, signal }: CompletedProcess<Text>): string {
  const end = signal === null ? `exited with code ${returncode}` : `was killed by ${signal}`;
  if (endedBy === null) return end;
  const reasons = {
    abort: 'was aborted',
    timeout: 'ran out of time',
    maxBuffer: 'wrote too much',
    close: 'was closed',
  };
  return `${reasons[endedBy]} and ${end}`;
}

/** As one would write it in a shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The last lines, as far as they are short. */
function tailOf(stderr: Text | null): string {
  if (stderr === null) return '';
  const text = (
    typeof stderr === 'string' ? stderr : String(stderr.subarray(-TAIL_LENGTH))
  ).trimEnd();
  return text.length <= TAIL_LENGTH ? text : text.slice(-TAIL_LENGTH);
}
