// `npm run prebuild [-- TARGET …]`: makes prebuilds/TARGET/ for every target, or for those that are named; 'local' is
// this machine's own platform by its own compiler.
//
// One addon serves every version of Node, since it knows Node by Node-API alone. Each is built by CMake with the
// toolchain file cmake/TARGET.cmake, by Debian's compilers, for Linux against the old C libraries of release/toolchains,
// for macOS by zig's, and lies beside a module that hands it to uvio in programs that are bundled.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildNative, installPackages, root, runOrExit } from './setup.mjs';

/**
 * Debian's compiler and the package that has it, whose old C library is taken, and a file of another package that is
 * needed. What could not be tried on a system of its kind is made only when it is named, so that nobody gets it without
 * having asked.
 */
const TARGETS = {
  'linux-x64': { compiler: 'x86_64-linux-gnu-g++', debian: 'g++', library: 'x86_64' },
  'linux-arm64': {
    compiler: 'aarch64-linux-gnu-g++',
    debian: 'g++-aarch64-linux-gnu',
    library: 'aarch64',
  },
  'linux-x64-musl': {
    compiler: 'x86_64-linux-gnu-g++',
    debian: 'g++',
    library: 'x86_64',
    needed: ['/usr/lib/x86_64-linux-musl/libc.so', 'musl-dev'],
  },
  'win32-x64': {
    compiler: 'x86_64-w64-mingw32-g++-posix',
    debian: 'g++-mingw-w64-x86-64-posix',
    library: null,
    untried: true,
  },
  'darwin-arm64': { zig: true, library: null, untried: true },
  'darwin-x64': { zig: true, library: null, untried: true },
};

function requireProgram(program, debian) {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).status !== 0) refuse(program, debian);
}

function refuse(needed, debian) {
  console.error(`uvio: prebuilds need ${needed}, which is Debian's package ${debian}`);
  process.exit(1);
}

/** The folder of a package that a folder of release/ asks for. */
function installed(folder, ...name) {
  const folderOf = join(root, 'release', folder);
  const found = join(folderOf, 'node_modules', ...name);
  if (!existsSync(found)) {
    console.error(`uvio: installing release/${folder} (npm ci)`);
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    runOrExit('npm', args, { cwd: folderOf, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return found;
}

/** The folder of a toolchain's package, unpacked. */
function toolchain(processor) {
  const name = `cross-toolchain-x64-target-${processor}`;
  const source = installed('toolchains', '@napi-rs', name);
  const folder = join(root, 'build-prebuild', 'toolchains', processor);
  if (!existsSync(join(folder, 'package.json'))) {
    mkdirSync(folder, { recursive: true });
    const archive = join(source, `${processor}-unknown-linux-gnu.tar.xz`);
    runOrExit('tar', ['-xJf', archive, '-C', folder]);
  }
  return folder;
}

function build(target) {
  const { compiler, debian, library, needed, zig } = TARGETS[target];
  if (!zig) requireProgram(compiler, debian);
  if (needed !== undefined && !existsSync(needed[0])) refuse(...needed);
  const folder = join(root, 'build-prebuild', target);
  console.error(`uvio: building the prebuild for ${target}`);
  const settings = {
    CMAKE_TOOLCHAIN_FILE: join(root, 'cmake', `${target}.cmake`),
    CMAKE_BUILD_TYPE: 'Release',
  };
  if (library !== null) settings.UVIO_TOOLCHAIN = toolchain(library);
  const env = { ...process.env };
  let messages = 'inherit';
  if (zig) {
    settings.UVIO_TOOLCHAIN = installed('zig', '@zigc');
    env.ZIG_LIB_DIR = join(settings.UVIO_TOOLCHAIN, 'lib');
    env.ZIG_GLOBAL_CACHE_DIR = env.ZIG_LOCAL_CACHE_DIR = join(root, 'build-prebuild', 'zig');
    // It compiles its C++ library first, with warnings by the thousand.
    mkdirSync(folder, { recursive: true });
    messages = openSync(join(folder, 'messages.txt'), 'w');
    console.error(`uvio: what the compiler says goes to ${join(folder, 'messages.txt')}`);
  }
  const defined = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const quiet = { env, stdio: ['ignore', 'ignore', messages] };
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
const usual = Object.keys(TARGETS).filter((target) => !TARGETS[target].untried);
for (const target of asked.length > 0 ? cross : usual) {
  requireProgram('cmake', 'cmake');
  if (TARGETS[target].library !== null) requireProgram('xz', 'xz-utils');
  build(target);
}
