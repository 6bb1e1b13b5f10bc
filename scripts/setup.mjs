// Does whatever set-up is missing: packages, native build, TypeScript build. `npm run setup`.
//
// Each step leaves a stamp of what it was made from below build/ (or dist/), and runs again only when
// that changed; so the second `npm start` starts at once. Uses nothing but Node itself, since it runs
// before anything is installed.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeEntries } from './entries.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program in the repository and ends this one when it fails. */
export function runOrExit(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) {
    console.error(`uvio: cannot run ${command}: ${result.error.message}`);
    process.exit(1);
  }
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Runs a JavaScript program out of node_modules with this Node. */
export function runTool(file, args, options = {}) {
  runOrExit(process.execPath, [join(root, 'node_modules', file), ...args], options);
}

function filesBelow(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  return readdirSync(full)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

function digest(paths, extra = '') {
  const hash = createHash('sha256').update(extra);
  for (const file of paths.flatMap(filesBelow)) {
    hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

/** Runs `make` unless `stamp` says that it was made from the same `inputs` and `product` exists. */
function unlessDone(stamp, product, inputs, extra, make) {
  const wanted = digest(inputs, extra);
  const file = join(root, stamp);
  const done = existsSync(file) && readFileSync(file, 'utf8') === wanted;
  if (done && existsSync(join(root, product))) return;
  make();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, wanted);
}

/** Node's own headers when they are installed beside it; node-gyp fetches them otherwise. */
export function headersDirectory() {
  const prefix = resolve(dirname(process.execPath), '..');
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? prefix : null;
}

export function installPackages() {
  unlessDone(
    'node_modules/.uvio-stamp',
    'node_modules/typescript/package.json',
    ['package-lock.json'],
    '',
    () => {
      console.error('uvio: installing packages (npm ci)');
      const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
      runOrExit(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
        stdio: ['ignore', 'ignore', 'inherit'],
        shell: process.platform === 'win32',
      });
    },
  );
}

/**
 * Builds the addon and returns its file; `sanitize` names the compiler's sanitizers ('address,undefined'), `polled` asks
 * for the backend of macOS and Windows. Each combination has a folder of its own.
 */
export function buildNative({ sanitize = '', polled = false } = {}) {
  // Node-API: one build serves every Node version, so the version is no input.
  const folder = `build${polled ? '-polled' : ''}${sanitize === '' ? '' : '-asan'}`;
  const product = `${folder}/Release/uvio.node`;
  unlessDone(
    `${folder}/.uvio-stamp`,
    product,
    ['native', 'binding.gyp', 'package-lock.json'],
    `${process.platform} ${process.arch} ${sanitize}`,
    () => {
      console.error(`uvio: building the native addon (${folder}/)`);
      const headers = headersDirectory();
      const args = ['rebuild', '--loglevel=error', '--jobs=2'];
      if (headers !== null) args.push(`--nodedir=${headers}`);
      if (folder === 'build') return runNodeGyp(args, root);
      args.push('--', `-Dsanitize=${sanitize}`, `-Dpolled=${polled ? 'yes' : ''}`);
      buildAside(folder, args);
    },
  );
  return join(root, product);
}

function runNodeGyp(args, folder) {
  runTool('node-gyp/bin/node-gyp.js', args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** node-gyp builds into build/ only, so another kind of addon is built from a copy of the sources. */
function buildAside(folder, args) {
  const copy = join(root, folder, 'source');
  mkdirSync(copy, { recursive: true });
  for (const file of ['native', 'binding.gyp', 'package.json'].flatMap(filesBelow)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), readFileSync(join(root, file)));
  }
  runNodeGyp(args, copy);
  mkdirSync(join(root, folder, 'Release'), { recursive: true });
  writeFileSync(
    join(root, folder, 'Release', 'uvio.node'),
    readFileSync(join(copy, 'build', 'Release', 'uvio.node')),
  );
}

export function buildTypeScript() {
  unlessDone(
    'dist/.uvio-stamp',
    'dist/src/index.js',
    ['src', 'test', 'examples', 'tsconfig.json', 'package-lock.json'],
    '',
    () => {
      console.error('uvio: compiling TypeScript');
      runTool('typescript/bin/tsc', ['-p', '.']);
    },
  );
  writeEntries();
}

export function setUp() {
  installPackages();
  buildNative();
  buildTypeScript();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  setUp();
}
