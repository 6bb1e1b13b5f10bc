/**
 * pipeline(): programs whose output is the next one's input, as `a | b | c` in a shell.
 *
 * They are joined by pipes of the kernel, of which this process keeps no end, so that no byte passes through it.
 * Invariant: either all of them run, or none is left.
 */

import { closeSync } from 'node:fs';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import { makePipe } from '../io/descriptors.js';
import type { Stdio } from '../io/process_options.js';
import { getEventLoop } from '../loop/current.js';
import { gather } from '../sync/gathering.js';
import { CallSite } from '../util/call_site.js';
import { rangeError, typeError } from '../util/check.js';
import { Pipeline } from './pipeline_process.js';
import type { Process } from './process.js';
import { createSubprocessExec } from './subprocess.js';
import type { SubprocessOptions } from './subprocess_options.js';

/** A program and its arguments. */
export type Command = readonly [program: string | Uint8Array, ...args: (string | Uint8Array)[]];

/**
 * Starts programs that are joined: `pipeline(['tar', '-c', '.'], ['zstd', '-q'], { stdout: PIPE })`.
 *
 * @param commands one or more, followed by the options. Of these `stdin` is the first one's, `stdout` the last one's, and
 *   all others are everybody's
 * @returns a future of a Pipeline; it fails with the system error of the first program that cannot be started, when
 *   the others have ended
 * @throws TypeError or RangeError
 */
export function pipeline(...commands: [Command, ...Command[], SubprocessOptions]): Future<Pipeline>;
export function pipeline(...commands: [Command, ...Command[]]): Future<Pipeline>;
export function pipeline(...given: (Command | SubprocessOptions)[]): Future<Pipeline> {
  const last = given.at(-1);
  const options = isOptions(last) ? last : undefined;
  const commands = (options === undefined ? given : given.slice(0, -1)) as Command[];
  checkCommands(commands);
  const loop = getEventLoop();
  const ends: number[] = [];
  const starts: Future<Process>[] = [];
  try {
    startAll(commands, options, starts, ends);
  } catch (error) {
    for (const start of starts) start.cancel();
    closeAll(ends);
    throw error;
  }
  const body = joined(starts, ends, new CallSite(pipeline));
  return new Operation(loop, body, starts as Future[]);
}

function isOptions(value: Command | SubprocessOptions | undefined): value is SubprocessOptions {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkCommands(commands: readonly Command[]): void {
  if (commands.length === 0) throw rangeError('commands', 'one command or more', commands);
  for (const [index, command] of commands.entries()) {
    if (!Array.isArray(command) || command.length === 0) {
      throw typeError(`commands[${index}]`, 'an array of a program and its arguments', command);
    }
  }
}

function startAll(
  commands: readonly Command[],
  options: SubprocessOptions = {},
  starts: Future<Process>[],
  ends: number[],
): void {
  let stdin: Stdio = options.stdin ?? null;
  for (const [index, [program, ...args]] of commands.entries()) {
    const pipe = index === commands.length - 1 ? null : makePipe();
    if (pipe !== null) ends.push(pipe.reading, pipe.writing);
    const stdout = pipe?.writing ?? options.stdout ?? null;
    starts.push(createSubprocessExec(program, args, { ...options, stdin, stdout }));
    stdin = pipe?.reading ?? null;
  }
}

function closeAll(ends: number[]): void {
  for (const end of ends.splice(0)) closeSync(end);
}

function* joined(
  starts: readonly Future<Process>[],
  ends: number[],
  site: CallSite,
): OperationBody<Pipeline> {
  try {
    // Afterwards each has its copies of the ends.
    yield* gather(starts, { returnExceptions: true });
    closeAll(ends);
    return new Pipeline(starts.map((start) => start.result()));
  } catch (error) {
    closeAll(ends);
    site.claim(error);
    yield* endAll(starts);
    throw error;
  }
}

function* endAll(starts: readonly Future<Process>[]): OperationBody<void> {
  for (const start of starts) start.cancel();
  const processes = yield* gather(starts, { returnExceptions: true });
  const isProcess = (one: unknown) => !(one instanceof Error);
  const started = processes.filter(isProcess) as Process[];
  yield* gather(started.map((process) => process.close()));
}
