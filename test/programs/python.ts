/**
 * A python3 that runs programs on asyncio, one at a time: see scenarios/programs/interpreter.py.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Program } from './language.js';

const SCRIPT = fileURLToPath(
  new URL('../../../test/differential/scenarios/programs/interpreter.py', import.meta.url),
);

export class PythonInterpreter {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    const { PYTHONASYNCIODEBUG: _, ...environment } = process.env;
    this.#child = spawn('python3', ['-B', SCRIPT], {
      env: environment,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async trace(program: Program): Promise<string[]> {
    this.#child.stdin?.write(`${JSON.stringify(program)}\n`);
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error('python3 ended: see its standard error');
    return JSON.parse(value) as string[];
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null) await once(this.#child, 'close');
  }
}
