/**
 * A Node process of its own for what only a whole process can show: how it ends, and by what.
 *
 * `program` is the body of a module with every public name of uvio in scope. Nothing is left behind: a
 * child that does not end is killed by the time limit, and the test fails on its signal.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const LIBRARY = new URL('../../src/index.js', import.meta.url).href;
const LIMIT = 20_000;

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  lines: string[];
  errors: string;
}

export interface Child {
  process: ChildProcess;
  /** Resolves with the ending. */
  ended: Promise<Ending>;
  /** Resolves when the child has printed this line. */
  printed: (line: string) => Promise<void>;
}

export function startChild(
  program: string,
  options: { flags?: string[]; env?: NodeJS.ProcessEnv } = {},
): Child {
  const source = `import * as uvio from ${JSON.stringify(LIBRARY)};\n${program}`;
  const child = spawn(
    process.execPath,
    [...(options.flags ?? []), '--input-type=module', '--eval', source],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      timeout: LIMIT,
      killSignal: 'SIGKILL',
    },
  );
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, lines, errors }));
  const printed = async (wanted: string) => {
    if (lines.includes(wanted)) return;
    const found = new Promise<void>((resolve) => {
      reader.on('line', (line) => {
        if (line === wanted) resolve();
      });
    });
    const early = ended.then((ending) => {
      throw new Error(`the child ended before it printed '${wanted}': ${JSON.stringify(ending)}`);
    });
    await Promise.race([found, early]);
  };
  // Whoever does not wait for a line must not be told that it never came.
  ended.catch(() => {});
  return { process: child, ended, printed };
}

/** Runs a program to its end. */
export function runChild(
  program: string,
  options?: { flags?: string[]; env?: NodeJS.ProcessEnv },
): Promise<Ending> {
  return startChild(program, options).ended;
}
