/**
 * createSubprocessExec() and createSubprocessShell(): asyncio's subprocesses with streams.
 *
 * Each joins what the loop's subprocessExec() starts with a StreamWriter and two StreamReaders. Invariant: nothing is
 * started when an argument is wrong, and what nobody wants any more when it has started is killed.
 */

import { cancelOnAbort } from '../core/abort.js';
import { CancelledError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { ProcessOptions } from '../io/process_options.js';
import type { SubprocessTransport } from '../io/transports.js';
import { getEventLoop } from '../loop/current.js';
import type { EventLoop } from '../loop/event_loop.js';
import { gather } from '../sync/gathering.js';
import { shield } from '../sync/shielding.js';
import { CallSite } from '../util/call_site.js';
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
 *
 * @returns a future of a Process, as createSubprocessExec()
 * @throws TypeError or RangeError
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
  const mark = settings.killTree ? crypto.randomUUID() : null;
  const protocol = new SubprocessStreamProtocol(loop, settings.limit);
  const own = processOptions(options, mark);
  const starting = startProgram(loop, () => protocol, own);
  const body = received(loop, starting, settings, mark, new CallSite(entry));
  const operation = new Operation(loop, body, [starting as Future]);
  return mark === null ? operation : cancelOnAbort(operation, options);
}

function* received(
  loop: EventLoop,
  starting: Started,
  settings: SubprocessSettings,
  mark: string | null,
  site: CallSite,
): OperationBody<Process> {
  try {
    const [transport, protocol] = yield* mark === null ? starting : shield(starting);
    const ending = new ProcessEnding(loop, transport, protocol, settings, mark);
    return new Process(loop, transport, protocol, ending, settings.maxBuffer);
  } catch (error) {
    site.claim(error);
    if (mark !== null && error instanceof CancelledError) {
      yield* shield(new Operation(loop, endedTree(loop, starting, settings, mark)));
    }
    throw error;
  }
}

/**
 * Cancelling the start would kill the program and leave what that has started meanwhile, which is not known before
 * the start is over.
 */
function* endedTree(
  loop: EventLoop,
  starting: Started,
  settings: SubprocessSettings,
  mark: string,
): OperationBody<void> {
  const [outcome] = yield* gather([starting], { returnExceptions: true });
  if (outcome instanceof Error) return; // nothing has started
  const [transport, protocol] = outcome;
  const unasked = { ...settings, timeout: Number.POSITIVE_INFINITY, signal: undefined };
  yield* new ProcessEnding(loop, transport, protocol, unasked, mark).end('close');
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
  // It ends the whole tree, not the start alone.
  delete own.signal;
  if (own.processGroup === undefined && own.startNewSession !== true) own.processGroup = 0;
  const environment = own.env ?? process.env;
  const outer = environment[MARKS];
  own.env = { ...environment, [MARKS]: outer === undefined ? mark : `${outer}:${mark}` };
  return own;
}
