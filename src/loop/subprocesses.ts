/**
 * subprocessExec and subprocessShell: arguments, checked, and what waits for the start.
 *
 * A start that is cancelled leaves no program behind: it is withdrawn, or what has started is killed and reaped before
 * the cancellation is over, as in asyncio.
 */

import type { Future } from '../core/futures.js';
import { ProcessTransport } from '../io/process.js';
import type { ProcessOptions } from '../io/process_options.js';
import { checkStart } from '../io/process_plan.js';
import type { SubprocessProtocol } from '../io/protocols.js';
import type { SubprocessTransport } from '../io/transports.js';
import { checkFunction, typeError, valueError } from '../util/check.js';
import { start } from './opening.js';
import type { ProcessLoop } from './process_loop.js';

const SHELL = '/bin/sh';

/** What Popen has, and asyncio refuses, with asyncio's words. */
const REFUSED: Readonly<Record<string, [allowed: unknown, message: string]>> = {
  universalNewlines: [false, 'universalNewlines must be false'],
  bufsize: [0, 'bufsize must be 0'],
  text: [false, 'text must be false'],
  encoding: [null, 'encoding must be null'],
  errors: [null, 'errors must be null'],
};

function checkRefused(options: object | undefined, shell: boolean): void {
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value === undefined) continue;
    if (name === 'shell' && value !== shell) throw valueError(`shell must be ${shell}`);
    const refused = REFUSED[name];
    if (refused !== undefined && value !== refused[0]) throw valueError(refused[1]);
  }
}

function open<P extends SubprocessProtocol>(
  loop: ProcessLoop,
  entry: (...args: never[]) => unknown,
  protocolFactory: () => P,
  [program, args, options]: [unknown, unknown, ProcessOptions | undefined],
): Future<[SubprocessTransport, P]> {
  loop._checkClosed();
  checkFunction('protocolFactory', protocolFactory);
  const request = checkStart(program, args, options);
  const body = async (): Promise<[ProcessTransport, P]> => {
    const protocol = protocolFactory();
    const transport = new ProcessTransport(loop._reactor, protocol, request);
    try {
      await transport._start();
    } catch (error) {
      await transport._discard();
      throw error;
    }
    return [transport, protocol];
  };
  return start(loop, entry, body, ([transport]) => transport._discard(), options);
}

export function startProgram<P extends SubprocessProtocol>(
  loop: ProcessLoop,
  protocolFactory: () => P,
  program: string | Uint8Array,
  args: readonly (string | Uint8Array)[],
  options: ProcessOptions | undefined,
): Future<[SubprocessTransport, P]> {
  checkRefused(options, false);
  return open(loop, loop.subprocessExec, protocolFactory, [program, args, options]);
}

export function startShell<P extends SubprocessProtocol>(
  loop: ProcessLoop,
  protocolFactory: () => P,
  command: string | Uint8Array,
  options: ProcessOptions | undefined,
): Future<[SubprocessTransport, P]> {
  if (typeof command !== 'string' && !(command instanceof Uint8Array)) {
    throw typeError('command', 'a string or a Uint8Array', command);
  }
  checkRefused(options, true);
  return open(loop, loop.subprocessShell, protocolFactory, [SHELL, ['-c', command], options]);
}
