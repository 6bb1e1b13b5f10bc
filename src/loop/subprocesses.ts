/**
 * subprocessExec and subprocessShell: arguments, checked, and what waits for the start.
 */

import type { Future } from '../core/futures.js';
import type { ProcessOptions } from '../io/process_options.js';
import type { SubprocessProtocol } from '../io/protocols.js';
import type { SubprocessTransport } from '../io/transports.js';
import { checkFunction } from '../util/check.js';
import { systemError } from '../util/system_error.js';
import type { ProcessLoop } from './process_loop.js';

export function startProgram<P extends SubprocessProtocol>(
  loop: ProcessLoop,
  protocolFactory: () => P,
  _program: string | Uint8Array,
  _args: readonly (string | Uint8Array)[],
  _options: ProcessOptions | undefined,
): Future<[SubprocessTransport, P]> {
  loop._checkClosed();
  checkFunction('protocolFactory', protocolFactory);
  throw systemError(-38, 'spawn');
}

export function startShell<P extends SubprocessProtocol>(
  loop: ProcessLoop,
  protocolFactory: () => P,
  command: string | Uint8Array,
  options: ProcessOptions | undefined,
): Future<[SubprocessTransport, P]> {
  return startProgram(loop, protocolFactory, '/bin/sh', ['-c', command], options);
}
