/**
 * Why a program could not be started: system errors in Node's shape.
 *
 * As with Node, `syscall` is 'spawn PROGRAM', `path` the program and `spawnargs` its arguments. What fails before
 * the program's exec is named for what it is: a bad working directory is no missing program.
 */

import { SPAWN_STEPS } from '../binding/process_contract.js';
import { type SystemError, systemError } from '../util/system_error.js';
import type { StartRequest } from './process_plan.js';
import { show } from './process_text.js';

export interface SpawnError extends SystemError {
  /** The program; the directory or file when that is what failed. */
  path: string;
  /** The program's arguments. */
  spawnargs: readonly string[];
}

/**
 * @param step index in SPAWN_STEPS
 * @param descriptor the child's descriptor that it was about
 */
export function spawnError(
  request: StartRequest,
  errno: number,
  step: number,
  descriptor: number,
): SpawnError {
  const { program, args, cwd, stdio } = request;
  const name = SPAWN_STEPS[step] ?? 'spawn';
  const file = name === 'open' ? stdio.fileOf(descriptor) : undefined;
  const path = file !== undefined ? show(file) : name === 'chdir' ? (cwd ?? program) : program;
  const error = systemError(errno, name === 'spawn' ? `spawn ${program}` : name);
  if (name !== 'spawn') {
    const what = path === program ? '' : ` '${path}'`;
    error.message += `${what}, on starting '${program}'`;
  }
  return Object.assign(error, { path, spawnargs: args.slice(1) });
}
