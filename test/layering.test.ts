/**
 * The floors of the design: a file imports or includes only from floors below its own (or beside it,
 * in its own folder). sync and io do not know each other. Files stay below 300 lines,
 * and none imports itself by way of others.
 */

import { deepEqual } from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const TYPESCRIPT_FLOORS: Record<string, number> = {
  util: 0,
  binding: 1,
  core: 2,
  sync: 3,
  io: 3,
  loop: 4,
  high: 5,
  inspect: 5,
  testing: 5,
  'index.ts': 6,
};

const NATIVE_FLOORS: Record<string, number> = {
  base: 0,
  uv: 1,
  bridge: 2,
  wraps: 3,
  'addon.cc': 4,
};

const NOT_OURS = ['node_modules', 'package-lock.json'];
const LONGEST_FILE = 300;
// What a public name's doc comment takes is no reason to split a file.
const DOC_LINE = /^ *\/\*\*.*\*\/$/;
const IMPORT = /^(?:import|export)( type)? [^;']*'(\.[^']+)'|import\('(\.[^']+)'\)/gm;

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    if (NOT_OURS.includes(name)) return [];
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

/** The folder (or file) directly below `top` that `file` belongs to. */
function roomOf(top: string, file: string): string {
  return relative(top, file).split('/')[0] as string;
}

/** What a TypeScript file imports of the library; with `type` imports, which are gone when it runs, or without. */
function importsIn(file: string, withTypes: boolean): string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)]
    .filter(([, isType]) => withTypes || isType === undefined)
    .map(([, , path, later]) =>
      resolve(dirname(file), (path ?? later ?? '').replace(/\.js$/, '.ts')),
    );
}

/** Files that import each other in a ring, as `a -> b -> a`: which of them is there first depends on who asks. */
function rings(top: string): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: string[]) => {
    const start = path.indexOf(file);
    if (start >= 0) {
      found.push([...path.slice(start), file].map((one) => relative(top, one)).join(' -> '));
    } else if (!done.has(file)) {
      for (const target of importsIn(file, false)) visit(target, [...path, file]);
      done.add(file);
    }
  };
  for (const file of filesBelow(top)) visit(file, []);
  return found;
}

function lines(file: string): number {
  const all = readFileSync(file, 'utf8').trimEnd().split('\n');
  return all.filter((line) => !DOC_LINE.test(line)).length;
}

function violations(
  top: string,
  floors: Record<string, number>,
  importsOf: (file: string) => string[],
): string[] {
  const found: string[] = [];
  for (const file of filesBelow(top)) {
    const room = roomOf(top, file);
    const floor = floors[room];
    if (floor === undefined) {
      found.push(`${relative(root, file)}: '${room}' is on no floor`);
      continue;
    }
    for (const target of importsOf(file)) {
      const targetRoom = roomOf(top, target);
      const targetFloor = floors[targetRoom];
      const allowed = room === targetRoom || (targetFloor !== undefined && targetFloor < floor);
      if (!allowed) found.push(`${relative(root, file)} -> ${relative(root, target)}`);
    }
  }
  return found;
}

describe('layering', () => {
  it('a TypeScript file imports only from floors below its own', () => {
    const top = join(root, 'src');
    const importsOf = (file: string) => importsIn(file, true);
    deepEqual(violations(top, TYPESCRIPT_FLOORS, importsOf), []);
  });

  it('no TypeScript files import each other in a ring', () => {
    deepEqual(rings(join(root, 'src')), []);
  });

  it('a native file includes only from floors below its own', () => {
    const top = join(root, 'native');
    const importsOf = (file: string) =>
      [...readFileSync(file, 'utf8').matchAll(/#include "([^"]+)"/g)].map((match) =>
        join(top, match[1] as string),
      );
    const ignored = (violation: string) => violation.startsWith('native/sources.txt');
    deepEqual(
      violations(top, NATIVE_FLOORS, importsOf).filter((one) => !ignored(one)),
      [],
    );
  });

  it('the floors base and uv do not know Node-API', () => {
    const offenders = ['base', 'uv']
      .flatMap((room) => filesBelow(join(root, 'native', room)))
      .filter((file) => /\bnapi|node_api/i.test(readFileSync(file, 'utf8')));
    deepEqual(
      offenders.map((file) => relative(root, file)),
      [],
    );
  });

  it('only addon.ts loads the native addon', () => {
    const offenders = filesBelow(join(root, 'src')).filter(
      (file) =>
        !file.endsWith('addon.ts') && /createRequire|\.node'/.test(readFileSync(file, 'utf8')),
    );
    deepEqual(
      offenders.map((file) => relative(root, file)),
      [],
    );
  });

  it('no file is longer than 300 lines', () => {
    const long = ['src', 'native', 'test', 'examples', 'scripts', 'bench/lib', 'bench/servers']
      .flatMap((folder) => filesBelow(join(root, folder)))
      .filter((file) => lines(file) > LONGEST_FILE)
      .map((file) => relative(root, file));
    deepEqual(long, []);
  });
});
