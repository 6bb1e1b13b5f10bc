// `npm run check`: format, lint, types and layering, in that order; `--fix` mends what it can.
//
// clang-format and clang-tidy check native/ where they are installed and are named as skipped
// elsewhere; CI installs them.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

function checkNative() {
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
  runOrExit(
    'clang-tidy',
    [
      '--quiet',
      ...sources,
      '--',
      '-std=c++17',
      '-Inative',
      `-isystem${join(root, 'node_modules', 'node-addon-api')}`,
      `-isystem${join(headers, 'include', 'node')}`,
      '-DNAPI_VERSION=9',
      '-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
    ],
    { stdio: ['ignore', 'inherit', 'ignore'] },
  );
}

installPackages();
runTool('@biomejs/biome/bin/biome', fix ? ['check', '--write', '.'] : ['check', '.']);
checkNative();
buildTypeScript();
runTool('mocha/bin/mocha.js', ['dist/test/layering.test.js']);
