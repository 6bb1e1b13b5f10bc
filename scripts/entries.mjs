// What the package is entered by: what its users import, the command, and the files that worker threads start with.
//
// Each is a file of dist/lib/. In a checkout it only leads to dist/src/, so that tests and programs share one
// instance of the library; `npm pack` makes bundles of them (bundle.mjs), and these again when it is done. A name
// has one folder in it, as every module of dist/src/ that asks where it is has: '..' is the library in both.

import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
export const library = join(root, 'dist', 'lib');

/** The library with the parts that are else loaded when they are used, for programs that are bundled; see deferred.mjs. */
export const WHOLE = 'main/whole';

/**
 * The file in dist/lib/ and what it is made of in dist/src/. These share one instance of the library; so does what a
 * worker thread starts with, when a program's modules run in it.
 */
export const shared = {
  'main/index': 'index.js',
  [WHOLE]: 'index.js',
  'testing/index': 'testing/index.js',
  'high/worker_program': 'high/worker_program.js',
};

/** These run where nobody imports the library, and have what they need of it to themselves. */
export const apart = {
  'inspect/cli': 'inspect/cli.js',
  'inspect/observer_thread': 'inspect/observer_thread.js',
  'loop/executor_process': 'loop/executor_process.js',
  'loop/executor_worker': 'loop/executor_worker.js',
};

// What require() gives is the very instance that import gives: Node loads ES modules by it since 20.19.
const REQUIRABLE = ['main/index', WHOLE, 'testing/index'];

/**
 * How the package is entered by require(), and the types of both ways.
 *
 * @param declarations the folder in dist/ that has those of dist/src/
 */
export function writeRequirable(declarations) {
  for (const entry of REQUIRABLE) {
    const file = join(library, entry);
    const types = `export * from '../../${declarations}/${shared[entry]}';\n`;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.cjs`, `module.exports = require('./${posix.basename(entry)}.js');\n`);
    writeFileSync(`${file}.d.cts`, types);
    writeFileSync(`${file}.d.ts`, types);
  }
}

/** The entries of a checkout. */
export function writeEntries() {
  rmSync(library, { recursive: true, force: true });
  for (const [entry, source] of Object.entries({ ...shared, ...apart })) {
    const file = join(library, `${entry}.js`);
    const target = `../../src/${source}`;
    const isCommand = entry.endsWith('/cli');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      isCommand ? `#!/usr/bin/env node\nimport '${target}';\n` : `export * from '${target}';\n`,
    );
    if (isCommand) chmodSync(file, 0o755);
  }
  writeRequirable('src');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeEntries();
}
