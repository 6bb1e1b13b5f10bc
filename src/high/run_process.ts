/**
 * runProcess(): a command from its start to its end in one call, as Python's subprocess.run with check=True.
 *
 * Invariant: when the future is done the process has exited and its pipes are closed, however the call ends; a call
 * that is given up ends the process first.
 */

import { cancelOnAbort } from '../core/abort.js';
import { CancelledError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import { toBytes } from '../io/bytes.js';
import type { ResourceUsage } from '../io/process_info.js';
import { DEVNULL, PIPE } from '../io/process_options.js';
import type { WriteData } from '../io/transports.js';
import { getEventLoop } from '../loop/current.js';
import { CallSite } from '../util/call_site.js';
import { checkBoolean } from '../util/check.js';
import { CalledProcessError, type CompletedProcess, type Text } from './called_process_error.js';
import {
  type CommunicateOptions,
  checkCommunicateOptions,
  type TextOptions,
} from './communicate.js';
import type { Process } from './process.js';
import { createSubprocessExec } from './subprocess.js';
import type { SubprocessOptions } from './subprocess_options.js';

/** What runProcess() takes. */
export interface RunProcessOptions extends SubprocessOptions, CommunicateOptions {
  /** What the process reads; by default nothing. */
  input?: WriteData;
  /** False gives the result of a process that failed, instead of throwing CalledProcessError. */
  check?: boolean;
}

/** What leaves both outputs to be collected. */
export interface CollectedOutput {
  /** Not given: PIPE. */
  stdout?: undefined;
  /** Not given: PIPE. */
  stderr?: undefined;
}

/**
 * Runs a program to its end. Its output is collected (`stdout` and `stderr` are PIPE by default), and its input is
 * `input` or nothing.
 *
 * @param options those of createSubprocessExec() and of communicate(); `signal`, as cancelling the future, ends
 *   the process, and the future is cancelled when that is over
 * @returns a future of a CompletedProcess; it fails with CalledProcessError for an exit code other than 0, a death by
 *   a signal or the end of `timeout`, with RangeError for more than `maxBuffer`, and as createSubprocessExec()
 * @throws TypeError or RangeError
 */
export function runProcess(
  program: string | Uint8Array,
  args: readonly (string | Uint8Array)[] | undefined,
  options: RunProcessOptions & TextOptions & CollectedOutput,
): Future<CompletedProcess<string, string>>;
export function runProcess(
  program: string | Uint8Array,
  args: readonly (string | Uint8Array)[] | undefined,
  options: RunProcessOptions & TextOptions,
): Future<CompletedProcess<string>>;
export function runProcess(
  program: string | Uint8Array,
  args?: readonly (string | Uint8Array)[],
  options?: RunProcessOptions & CollectedOutput,
): Future<CompletedProcess<Buffer, Buffer>>;
export function runProcess(
  program: string | Uint8Array,
  args?: readonly (string | Uint8Array)[],
  options?: RunProcessOptions,
): Future<CompletedProcess<Buffer>>;
export function runProcess(
  program: string | Uint8Array,
  args: readonly (string | Uint8Array)[] = [],
  options: RunProcessOptions & Partial<TextOptions> = {},
): Future<CompletedProcess<never, never>> {
  checkCommunicateOptions(options);
  const { input, check = true, signal, drainGrace, encoding, ...own } = options;
  if (input !== undefined) toBytes(input);
  checkBoolean('check', check);
  const defaults = { stdin: input === undefined ? DEVNULL : PIPE, stdout: PIPE, stderr: PIPE };
  const starting = createSubprocessExec(program, args, { ...defaults, ...own });
  const site = new CallSite(runProcess);
  const command = [program, ...args].map((word) => String(asText(word)));
  const body = function* (): OperationBody<CompletedProcess<Text>> {
    try {
      const process = yield* starting;
      const output = yield* outputOf(process, input ?? null, { drainGrace, encoding });
      const completed = completedProcess(process, command, output);
      if (check && hasFailed(completed)) throw new CalledProcessError(completed);
      return completed;
    } catch (error) {
      if (error instanceof CalledProcessError) site.place(error);
      else site.claim(error);
      throw error;
    }
  };
  const running = new Operation(getEventLoop(), body(), [starting as Future]);
  return cancelOnAbort(running, { signal }) as unknown as Future<CompletedProcess<never, never>>;
}

type Outputs = readonly [Text | null, Text | null];

function* outputOf(
  process: Process,
  input: WriteData | null,
  options: CommunicateOptions & { encoding: BufferEncoding | undefined },
): OperationBody<Outputs> {
  try {
    return yield* process.communicate(input, options as CommunicateOptions);
  } catch (error) {
    yield* endOf(process);
    throw error;
  }
}

/** Ends the process whatever happens; somebody who loses patience has it killed at once. */
function* endOf(process: Process): OperationBody<void> {
  for (;;) {
    try {
      yield* process.close();
      return;
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      if (process.returncode === null) process.kill();
    }
  }
}

function completedProcess(
  process: Process,
  args: readonly string[],
  [stdout, stderr]: Outputs,
): CompletedProcess<Text> {
  const { pid, signal, endedBy } = process;
  const returncode = process.returncode as number;
  const resourceUsage = process.resourceUsage as ResourceUsage;
  return { args, pid, returncode, signal, endedBy, stdout, stderr, resourceUsage };
}

function hasFailed({ returncode, endedBy }: CompletedProcess<Text>): boolean {
  return returncode !== 0 || endedBy !== null;
}

function asText(word: string | Uint8Array): string {
  return typeof word === 'string' ? word : Buffer.from(word).toString();
}
