/**
 * That the files beside this one check something: each expectation of theirs is seen to fail when it is wrong.
 *
 * The compiler reads three copies of them, against the declarations that the package ships: one as it is, one that
 * expects other types everywhere, and one in which no error is expected.
 */

import { deepEqual, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const FILES = ['expect.ts', 'tasks.ts', 'waiting.ts'];
const EXPECTED_ERROR = /\/\/ @ts-expect-error.*/;

/** How a copy differs. */
const COPIES: Record<string, (text: string) => string> = {
  same: (text) => text,
  otherTypes: (text) => text.replace('Equal<V, T> extends', 'Equal<V, { other: T }> extends'),
  noErrors: (text) => text.replace(new RegExp(EXPECTED_ERROR, 'g'), ''),
};

/** The lines of `file`, counted from 1, that come `after` lines after one that matches. */
function linesOf(file: string, pattern: RegExp, after: number): string[] {
  const lines = readFileSync(join(root, 'test/types', file), 'utf8').split('\n');
  const found = lines.flatMap((line, index) => (pattern.test(line) ? [index + 1 + after] : []));
  return found.map((line) => `${file}:${line}`);
}

/** Where the compiler finds errors, by copy. */
function compile(folder: string): Promise<Record<string, Set<string>>> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const found: Record<string, Set<string>> = {};
  for (const copy of Object.keys(COPIES)) found[copy] = new Set();
  const args = [tsc, '-p', folder, '--noEmit', '--pretty', 'false'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder }, (_error, stdout, stderr) => {
      for (const line of stdout.split('\n').filter((one) => one !== '' && !one.startsWith(' '))) {
        const [, copy = '', file, number] = /^(\w+)\/([\w.]+)\((\d+),/.exec(line) ?? [];
        const errors = found[copy];
        if (errors === undefined) reject(new Error(`tsc: ${line}${stderr}`));
        else errors.add(`${file}:${number}`);
      }
      resolve(found);
    });
  });
}

describe('the types', () => {
  const folder = mkdtempSync(join(tmpdir(), 'uvio-types-'));
  let errors: Record<string, Set<string>>;

  before(async () => {
    const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
    const { target, lib, module, strict, exactOptionalPropertyTypes } = compilerOptions;
    const typeRoots = [join(root, 'node_modules/@types')];
    const options = { target, lib, module, strict, exactOptionalPropertyTypes, types: ['node'] };
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, typeRoots, skipLibCheck: true } }),
    );
    for (const [copy, change] of Object.entries(COPIES)) {
      mkdirSync(join(folder, copy));
      for (const file of FILES) {
        const text = readFileSync(join(root, 'test/types', file), 'utf8');
        const library = JSON.stringify(join(root, 'dist/src/index.js'));
        writeFileSync(
          join(folder, copy, file),
          change(text.replace(/'[./]+src\/index.js'/, library)),
        );
      }
    }
    errors = await compile(folder);
  });

  after(() => rmSync(folder, { recursive: true }));

  it('are inferred as expected', () => {
    deepEqual([...(errors.same as Set<string>)], []);
  });

  it('are compared: each that is expected to be another is an error', () => {
    const expected = FILES.slice(1).flatMap((file) => linesOf(file, /expectType<\S.*>\(\)\(/, 0));
    ok(expected.length > 50);
    deepEqual([...(errors.otherTypes as Set<string>)].sort(), expected.sort());
  });

  it('refuse each wrong use', () => {
    const expected = FILES.slice(1).flatMap((file) => linesOf(file, EXPECTED_ERROR, 1));
    ok(expected.length > 30);
    deepEqual([...(errors.noErrors as Set<string>)].sort(), expected.sort());
  });
});
