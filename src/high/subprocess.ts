/**
 * createSubprocessExec() and createSubprocessShell(): asyncio's subprocesses with streams.
 *
 * Each joins what the loop's subprocessExec() starts with a StreamWriter and two StreamReaders. Invariant: nothing is
 * started when an argument is wrong, and what nobody wants any more when it has started is killed.
 */

import { randomUUID } from 'node:crypto';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { ProcessOptions } from '../io/process_options.js';
import type { SubprocessTransport } from '../io/transports.js';
import { getEventLoop } from '../loop/current.js';
import type { EventLoop } from '../loop/event_loop.js';
import { CallSite } from '../util/system_error.js';
import { Process } from './process.js';
import { ProcessEnding } from './process_ending.js';
import {
  checkSubprocessOptions,
  type SubprocessOptions,
  type SubprocessSettings,
} from './subprocess_options.js';
import { SubprocessStreamProtocol } from './subprocess_protocol.js';

/**
 * Starts a program: asyncio.create_subprocess_exec. Its standard streams are those of this process unless
 * options say otherwise.
 *
 * @param program a path, or a name that is looked for in the PATH of the process's environment
 * @param args what follows the program's name
 * @param options `signal`, `timeout` and others end the process: see close()
 * @returns a future of a Process; it fails with a system error when the program cannot be started, and
 *   cancelling it kills the program
 * @throws TypeError or RangeError
 */
export function createSubprocessExec(
  program: string | Uint8Array,
  args: readonly (string | Uint8Array)[] = [],
  options?: SubprocessOptions,
): Future<Process> {
  return start(createSubprocessExec, options, (loop, factory, own) =>
    loop.subprocessExec(factory, program, args, own),
  );
}

/**
 * Runs a command line by /bin/sh: asyncio.create_subprocess_shell. What is put into the command must be quoted
 * for the shell; createSubprocessExec() needs no quoting.
 */
export function createSubprocessShell(
  command: string | Uint8Array,
  options?: SubprocessOptions,
): Future<Process> {
  return start(createSubprocessShell, options, (loop, factory, own) =>
    loop.subprocessShell(factory, command, own),
  );
}

type Factory = () => SubprocessStreamProtocol;
type Started = Future<[SubprocessTransport, SubprocessStreamProtocol]>;

function start(
  entry: (...args: never[]) => unknown,
  options: SubprocessOptions | undefined,
  startProgram: (loop: EventLoop, factory: Factory, options: ProcessOptions) => Started,
): Future<Process> {
  const loop = getEventLoop();
  const settings = checkSubprocessOptions(options);
  const mark = settings.killTree ? randomUUID() : null;
  const protocol = new SubprocessStreamProtocol(loop, settings.limit);
  const starting = startProgram(loop, () => protocol, processOptions(options, mark));
  const body = received(loop, starting, settings, mark, new CallSite(entry));
  return new Operation(loop, body, [starting as Future]);
}

function* received(
  loop: EventLoop,
  starting: Started,
  settings: SubprocessSettings,
  mark: string | null,
  site: CallSite,
): OperationBody<Process> {
  try {
    const [transport, protocol] = yield* starting;
    const ending = new ProcessEnding(loop, transport, protocol, settings, mark);
    return new Process(loop, transport, protocol, ending, settings.maxBuffer);
  } catch (error) {
    site.claim(error);
    throw error;
  }
}

/** The variable of the environment with the marks of the trees that a process belongs to. */
const MARKS = 'UVIO_PROCESS_TREE';

/** What the loop takes: streams are inherited by default, and a tree has a group and a mark. */
function processOptions(
  options: SubprocessOptions | undefined,
  mark: string | null,
): ProcessOptions {
  const { stdin = null, stdout = null, stderr = null, ...rest } = options ?? {};
  const own: ProcessOptions = { ...rest, stdin, stdout, stderr };
  if (mark === null) return own;
  if (own.processGroup === undefined && own.startNewSession !== true) own.processGroup = 0;
  const environment = own.env ?? process.env;
  const outer = environment[MARKS];
  own.env = { ...environment, [MARKS]: outer === undefined ? mark : `${outer}:${mark}` };
  return own;
}
