/**
 * Programs that a loop starts: asyncio's subprocess_exec and subprocess_shell.
 *
 * The start happens on a thread of its own, whatever the size of this one's heap; the transport in io/process
 * does the rest.
 */

import type { Future } from '../core/futures.js';
import type { ProcessOptions } from '../io/process_options.js';
import type { SubprocessProtocol } from '../io/protocols.js';
import type { SubprocessTransport } from '../io/transports.js';
import { StreamLoop } from './stream_loop.js';
import { startProgram, startShell } from './subprocesses.js';

export abstract class ProcessLoop extends StreamLoop {
  /**
   * Starts a program: asyncio's subprocess_exec.
   *
   * @param program a path, or a name that is looked for in the PATH of the child's environment
   * @param args what follows the program's name
   * @returns a future of `[transport, protocol]`, done after connectionMade(); cancelling it kills the program. It
   * fails with a system error when the program cannot be started: `code`, `path` and `spawnargs` as Node's
   * @throws TypeError or RangeError for an argument, before anything is started
   */
  subprocessExec<P extends SubprocessProtocol>(
    protocolFactory: () => P,
    program: string | Uint8Array,
    args: readonly (string | Uint8Array)[] = [],
    options?: ProcessOptions,
  ): Future<[SubprocessTransport, P]> {
    return startProgram(this, protocolFactory, program, args, options);
  }

  /**
   * Runs a command line by /bin/sh: asyncio's subprocess_shell. What is put into the command must be quoted for
   * the shell; subprocessExec() needs no quoting.
   *
   * @returns a future of `[transport, protocol]`, as subprocessExec()
   * @throws TypeError or RangeError
   */
  subprocessShell<P extends SubprocessProtocol>(
    protocolFactory: () => P,
    command: string | Uint8Array,
    options?: ProcessOptions,
  ): Future<[SubprocessTransport, P]> {
    return startShell(this, protocolFactory, command, options);
  }
}
