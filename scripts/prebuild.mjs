// `npm run prebuild [-- TARGET …]`: makes prebuilds/TARGET/ for every target, or for those that are named; 'local' is
// this machine's own platform by its own compiler.
//
// One addon serves every version of Node, since it knows Node by Node-API alone. Each is built by CMake with the
// toolchain file cmake/TARGET.cmake, by Debian's compilers against the old C libraries of release/toolchains, and
// lies beside a module that hands it to uvio in programs that are bundled.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildNative, installPackages, root, runOrExit } from './setup.mjs';

/** Architecture as Debian's compilers call it, the package that has them, and a file of another that is needed. */
const TARGETS = {
  'linux-x64': { processor: 'x86_64', debian: 'g++' },
  'linux-arm64': { processor: 'aarch64', debian: 'g++-aarch64-linux-gnu' },
  'linux-x64-musl': {
    processor: 'x86_64',
    debian: 'g++',
    library: '/usr/lib/x86_64-linux-musl/libc.so',
  },
};

const toolchains = join(root, 'release', 'toolchains');

function requireProgram(program, debian) {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0) return;
  console.error(`uvio: prebuilds need ${program}, which is Debian's package ${debian}`);
  process.exit(1);
}

/** The folder of a toolchain's package, unpacked. */
function toolchain(processor) {
  const name = join('node_modules', '@napi-rs', `cross-toolchain-x64-target-${processor}`);
  if (!existsSync(join(toolchains, name))) {
    console.error('uvio: installing toolchains (npm ci)');
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    runOrExit('npm', args, { cwd: toolchains, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const folder = join(root, 'build-prebuild', 'toolchains', processor);
  if (!existsSync(join(folder, 'package.json'))) {
    mkdirSync(folder, { recursive: true });
    const archive = join(toolchains, name, `${processor}-unknown-linux-gnu.tar.xz`);
    runOrExit('tar', ['-xJf', archive, '-C', folder]);
  }
  return folder;
}

function build(target) {
  const { processor, debian, library } = TARGETS[target];
  requireProgram(`${processor}-linux-gnu-g++`, debian);
  if (library !== undefined && !existsSync(library)) {
    console.error("uvio: prebuilds need Debian's package musl-dev");
    process.exit(1);
  }
  const folder = join(root, 'build-prebuild', target);
  console.error(`uvio: building the prebuild for ${target}`);
  const settings = {
    CMAKE_TOOLCHAIN_FILE: join(root, 'cmake', `${target}.cmake`),
    CMAKE_BUILD_TYPE: 'Release',
    UVIO_TOOLCHAIN: toolchain(processor),
  };
  const defined = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] };
  runOrExit('cmake', ['-S', root, '-B', folder, ...defined], quiet);
  runOrExit('cmake', ['--build', folder, '--parallel', '2'], quiet);

  store(target, join(folder, 'Release', 'uvio.node'));
}

function store(target, addon) {
  const product = join(root, 'prebuilds', target);
  rmSync(product, { recursive: true, force: true });
  mkdirSync(product, { recursive: true });
  copyFileSync(addon, join(product, 'uvio.node'));
  writeFileSync(
    join(product, 'index.cjs'),
    "// This platform's addon and all parts of the library, for the uvio that is imported after it: for programs that are bundled.\n" +
      "globalThis[Symbol.for('uvio.addon')] = require('./uvio.node');\n" +
      "require('../../dist/lib/main/whole.js');\n",
  );
}

const asked = process.argv.slice(2);
const cross = asked.filter((target) => target !== 'local');
const unknown = cross.find((target) => TARGETS[target] === undefined);
if (unknown !== undefined) {
  console.error(`uvio: no prebuild for ${unknown}; there are ${Object.keys(TARGETS).join(', ')}`);
  process.exit(2);
}
installPackages();
if (asked.includes('local')) {
  buildNative();
  store(`${process.platform}-${process.arch}`, join(root, 'build', 'Release', 'uvio.node'));
}
// What is here is packed.
if (asked.length === 0) rmSync(join(root, 'prebuilds'), { recursive: true, force: true });
for (const target of asked.length > 0 ? cross : Object.keys(TARGETS)) {
  requireProgram('cmake', 'cmake');
  requireProgram('xz', 'xz-utils');
  build(target);
}
