/**
 * Programs of their own whose standard error is read: what debug mode writes there, and what it does not.
 *
 * `program` has every public name of uvio in scope, and `block(ms)`, which keeps the thread busy.
 */

import { equal } from 'node:assert/strict';
import { runChild } from './child.js';

const BLOCK =
  'const block = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };\n';

export interface ProgramOptions {
  env?: NodeJS.ProcessEnv;
  flags?: string[];
}

/** What the program writes to standard error, without its process id; it has to end well. */
export async function errorsOf(program: string, options: ProgramOptions = {}): Promise<string> {
  const env = { UVIO_DEBUG: undefined, PYTHONASYNCIODEBUG: undefined, ...options.env };
  const ending = await runChild(BLOCK + program, { ...options, env: env as NodeJS.ProcessEnv });
  equal(ending.signal ?? ending.code, 0, ending.errors);
  return ending.errors.replace(/\(node:\d+\) /g, '');
}

/** The same for the body of an async main function, run in debug mode unless `debug` says else. */
export function mainErrors(
  body: string,
  options: ProgramOptions & { debug?: string } = {},
): Promise<string> {
  const { debug = 'true', ...others } = options;
  const program = `const { run, sleep, createTask, getRunningLoop, coroutine } = uvio;
    await run(async function main() {
      const loop = getRunningLoop();
      ${body}
    }, { loopFactory: () => {
      const loop = uvio.newEventLoop();
      loop.setDebug(${debug});
      return loop;
    } });`;
  return errorsOf(program, others);
}
