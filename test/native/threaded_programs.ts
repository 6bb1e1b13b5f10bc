/**
 * Programs of threads in C++ under ThreadSanitizer, compiled with the parts of native/ that they are about.
 *
 * UVIO_STRESS=SECONDS lets them run longer. Invariant: a program that says anything on stderr, or fails, fails the test.
 */

import { equal } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolEnvironment } from '../support.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const compiler = process.env.CXX ?? 'g++';
const seconds = Number(process.env.UVIO_STRESS ?? 2);
const env = toolEnvironment();
const FLAGS = ['-std=c++17', '-O1', '-g', '-Wall', '-Wextra', '-fsanitize=thread', '-pthread'];

/** In milliseconds, for compiling and running a program. */
export const TIMEOUT = 120_000 + seconds * 1000;

/** Whether there is a compiler, and this header for it. */
export function canInclude(header: string): boolean {
  const input = `#include <${header}>\n`;
  return spawnSync(compiler, ['-E', '-x', 'c++', '-'], { env, input }).status === 0;
}

/** What the program has printed, as JSON; `words` are its sources, from the root, and more for the compiler. */
export function runThreads<Name extends string>(...words: string[]): Record<Name, number> {
  const folder = mkdtempSync(join(tmpdir(), 'uvio-threads-'));
  try {
    const program = join(folder, 'program');
    const compiled = spawnSync(compiler, [...FLAGS, '-I', 'native', ...words, '-o', program], {
      cwd: root,
      env,
      encoding: 'utf8',
    });
    equal(compiled.status, 0, compiled.stderr);
    const run = spawnSync(program, [String(seconds)], {
      env: { ...env, TSAN_OPTIONS: 'halt_on_error=1' },
      encoding: 'utf8',
    });
    equal(run.status, 0, `${run.stdout}${run.stderr}`);
    equal(run.stderr, '');
    return JSON.parse(run.stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
