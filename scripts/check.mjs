// `npm run check`: format, lint, types and layering, in that order; `--fix` mends what it can.
//
// clang-format and clang-tidy check native/ where they are installed and are named as skipped
// elsewhere; CI installs them.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  buildTypeScript,
  headersDirectory,
  installPackages,
  root,
  runOrExit,
  runTool,
} from './setup.mjs';

const fix = process.argv.includes('--fix');

function isInstalled(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

function nativeFiles() {
  const listed = spawnSync('git', ['ls-files', '-co', '--exclude-standard', 'native'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.stdout.split('\n').filter((file) => /\.(cc|h)$/.test(file));
}

async function checkNative() {
  const files = nativeFiles();
  if (isInstalled('clang-format')) {
    runOrExit('clang-format', fix ? ['-i', ...files] : ['--dry-run', '-Werror', ...files]);
  } else {
    console.log('skipped: clang-format (not installed)');
  }
  const headers = headersDirectory();
  if (!isInstalled('clang-tidy') || headers === null) {
    console.log('skipped: clang-tidy (not installed, or no Node headers beside node)');
    return;
  }
  const sources = readFileSync(join(root, 'native', 'sources.txt'), 'utf8')
    .trim()
    .split(/\s+/);
  const flags = [
    '-std=c++17',
    '-Inative',
    `-isystem${join(root, 'node_modules', 'node-addon-api')}`,
    `-isystem${join(headers, 'include', 'node')}`,
    '-DNAPI_VERSION=9',
    '-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
  ];
  await inParallel(sources, (source) => ['clang-tidy', ['--quiet', source, '--', ...flags]]);
}

/** Runs a program for each item, as many at a time as there are processors, and ends this one when any fails. */
async function inParallel(items, commandOf) {
  const waiting = [...items];
  let failed = false;
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const [command, args] = commandOf(item);
      const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'ignore'] });
      const [status] = await once(child, 'close');
      if (status !== 0) failed = true;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  if (failed) process.exit(1);
}

installPackages();
runTool('@biomejs/biome/bin/biome', fix ? ['check', '--write', '.'] : ['check', '.']);
await checkNative();
buildTypeScript();
runTool('mocha/bin/mocha.js', ['dist/test/layering.test.js']);
