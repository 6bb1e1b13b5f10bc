/**
 * The descriptors of a child: from what a program asks for to the entries of a plan.
 *
 * A transport that goes over to the child stops reading at once. Invariant: when the child has started it
 * is closed here, and when the start fails it goes on as if nothing had been.
 */

import { constants } from 'node:fs';
import {
  STDIO_BLOCKING,
  STDIO_BOTH,
  STDIO_DESCRIPTOR,
  STDIO_FILE,
  STDIO_INHERIT,
  STDIO_NULL,
  STDIO_READS,
  STDIO_SAME,
  STDIO_WRITES,
} from '../binding/process_contract.js';
import { RuntimeError } from '../core/exceptions.js';
import { checkInteger, rangeError, typeError } from '../util/check.js';
import { checkDescriptor, type DescriptorObject } from './descriptors.js';
import { DEVNULL, PIPE, type ProcessOptions, STDOUT, type StdioFile } from './process_options.js';
import { checkPath, type Text } from './process_text.js';
import type { StreamTransport } from './stream_transport.js';

const STDIN_NUMBER = 0;
const STDOUT_NUMBER = 1;
const STDERR_NUMBER = 2;
/** No process has as many descriptors by default; the system has the last word. */
const LARGEST_DESCRIPTOR = 0xffff;
const DEFAULT_MODE = 0o666;

/** Which way a pipe to the child goes, as seen from here. */
export type PipeDirection = 'write' | 'read' | 'both';

/** A stream transport that can be given away: one over a socket or a pipe. */
type Passable = StreamTransport<unknown> & { _descriptor(): number };

interface Passed {
  transport: Passable;
  wasReading: boolean;
}

export class ChildStdio {
  /** For the plan. */
  readonly entries: number[] = [];
  readonly files: Text[] = [];
  /** The pipes that the child will have, by its descriptor. */
  readonly pipes: [descriptor: number, direction: PipeDirection][] = [];
  readonly #passed: Passed[] = [];

  /** @throws TypeError, RangeError or RuntimeError; nothing has been touched then */
  constructor(options: ProcessOptions) {
    this.#add(STDIN_NUMBER, 'stdin', options.stdin);
    this.#add(STDOUT_NUMBER, 'stdout', options.stdout);
    this.#add(STDERR_NUMBER, 'stderr', options.stderr);
    for (const [name, stdio] of Object.entries(options.fds ?? {})) {
      const number = Number(name);
      checkInteger('a number in fds', number, STDERR_NUMBER + 1, LARGEST_DESCRIPTOR);
      this.#add(number, `fds[${name}]`, stdio);
    }
    for (const number of options.passFds ?? []) {
      checkInteger('a number in passFds', number, STDERR_NUMBER + 1, LARGEST_DESCRIPTOR);
      this.#push(number, STDIO_DESCRIPTOR, number);
    }
  }

  /** The path of the file that is the child's descriptor of this number. */
  fileOf(descriptor: number): Text | undefined {
    let index = 0;
    for (let entry = 0; entry < this.entries.length; entry += 4) {
      if (this.entries[entry + 1] !== STDIO_FILE) continue;
      if (this.entries[entry] === descriptor) return this.files[index];
      index++;
    }
    return undefined;
  }

  /** Stops what goes over to the child. */
  hold(): void {
    for (const passed of this.#passed) {
      passed.wasReading = passed.transport.isReading();
      passed.transport.pauseReading();
    }
  }

  /** The child has it now. */
  handOver(): void {
    for (const { transport } of this.#passed.splice(0)) transport.abort();
  }

  /** There is no child. */
  release(): void {
    for (const { transport, wasReading } of this.#passed.splice(0)) {
      if (wasReading) transport.resumeReading();
    }
  }

  #add(number: number, argument: string, stdio: unknown): void {
    if (stdio === undefined || stdio === PIPE) this.#addPipe(number);
    else if (stdio === null || stdio === 'inherit') this.#addInherited(number, argument, stdio);
    else if (stdio === DEVNULL) this.#push(number, STDIO_NULL);
    else if (stdio === STDOUT) this.#addSame(number, argument, stdio);
    else if (typeof stdio === 'number') this.#addDescriptor(number, argument, stdio);
    else if (typeof stdio === 'string' || stdio instanceof URL || stdio instanceof Uint8Array) {
      this.#addFile(number, argument, { path: stdio });
    } else if (typeof stdio !== 'object') throw typeError(argument, EXPECTED, stdio);
    else if ('path' in stdio && !('fd' in stdio)) {
      this.#addFile(number, argument, stdio as StdioFile);
    } else if ('getExtraInfo' in stdio) this.#addTransport(number, argument, stdio);
    else this.#addDescriptor(number, argument, stdio as DescriptorObject);
  }

  #addPipe(number: number): void {
    if (number === STDIN_NUMBER) {
      this.#push(number, STDIO_READS);
      this.pipes.push([number, 'write']);
    } else if (number <= STDERR_NUMBER) {
      this.#push(number, STDIO_WRITES);
      this.pipes.push([number, 'read']);
    } else {
      this.#push(number, STDIO_BOTH);
      this.pipes.push([number, 'both']);
    }
  }

  #addInherited(number: number, argument: string, stdio: unknown): void {
    if (number > STDERR_NUMBER) {
      throw typeError(argument, 'something else (passFds is for what is inherited)', stdio);
    }
    this.#push(number, STDIO_INHERIT, number);
  }

  #addSame(number: number, argument: string, stdio: unknown): void {
    if (number !== STDERR_NUMBER) {
      throw rangeError(argument, 'something else (STDOUT is for stderr)', stdio);
    }
    this.#push(number, STDIO_SAME, STDOUT_NUMBER);
  }

  #addDescriptor(number: number, argument: string, source: number | DescriptorObject): void {
    const descriptor = checkDescriptor(argument, source);
    // The standard streams of a process stay open, so they need no duplicate.
    this.#push(number, descriptor <= STDERR_NUMBER ? STDIO_INHERIT : STDIO_DESCRIPTOR, descriptor);
  }

  #addFile(
    number: number,
    argument: string,
    { path, flags, mode = DEFAULT_MODE }: StdioFile,
  ): void {
    if (path === 'pipe' || path === 'ignore' || path === 'overlapped') {
      throw typeError(argument, 'PIPE, DEVNULL or a path', path);
    }
    this.files.push(checkPath(argument, path));
    checkInteger(`${argument}.mode`, mode, 0, 0o7777);
    const letters = flags ?? (number === STDIN_NUMBER ? 'r' : 'w');
    this.#push(number, STDIO_FILE, openFlags(`${argument}.flags`, letters), mode);
  }

  #addTransport(number: number, argument: string, transport: object): void {
    if (typeof (transport as Partial<Passable>)._descriptor !== 'function') {
      throw typeError(argument, 'a transport over a socket or a pipe', transport);
    }
    const passable = transport as Passable;
    if (passable.isClosing()) throw new RuntimeError(`${argument}: ${passable} is closed`);
    if (passable.getWriteBufferSize() > 0) {
      throw new RuntimeError(`${argument}: ${passable} has data that is not sent yet`);
    }
    this.#push(number, STDIO_BLOCKING, passable._descriptor());
    if (this.#passed.some((passed) => passed.transport === passable)) return;
    this.#passed.push({ transport: passable, wasReading: false });
  }

  #push(number: number, kind: number, value = 0, mode = 0): void {
    for (let index = 0; index < this.entries.length; index += 4) {
      if (this.entries[index] !== number) continue;
      throw rangeError('passFds', 'descriptors that are given once', number);
    }
    this.entries.push(number, kind, value, mode);
  }
}

const EXPECTED =
  "PIPE, DEVNULL, STDOUT, 'inherit', null, a descriptor, a path, a file or a transport";

const LETTERS: Readonly<Record<string, number>> = {
  r: constants.O_RDONLY,
  'r+': constants.O_RDWR,
  w: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC,
  wx: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_EXCL,
  'w+': constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC,
  a: constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND,
  ax: constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_EXCL,
  'a+': constants.O_RDWR | constants.O_CREAT | constants.O_APPEND,
};

function openFlags(argument: string, flags: unknown): number {
  if (typeof flags === 'string' && Object.hasOwn(LETTERS, flags)) return LETTERS[flags] as number;
  if (typeof flags === 'string') {
    throw rangeError(argument, `one of ${Object.keys(LETTERS).join(', ')}`, flags);
  }
  checkInteger(argument, flags, 0, 0x7fffffff);
  return flags as number;
}
