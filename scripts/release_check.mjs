// `npm run release:check`: all that a release needs but publishing it. Takes half an hour; ends at the first failure.
//
// Checks, tests, prebuilds; the tarball, its size, what publint and attw say of it; the tarball installed and used on
// every version of Node.js, on arm64 by an emulator; what an import takes. Nothing of it needs the network but npm's
// own installs of what it is done with.

import { ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { importTime } from './import_time.mjs';
import { nodes } from './nodes.mjs';
import { runOrExit, runTool } from './setup.mjs';
import { pack, smoke } from './smoke.mjs';

const LARGEST_TARBALL = 2 * 2 ** 20; // bytes
const LONGEST_IMPORT = 18; // ms of processor time: 15, and what the machine adds
// `--no-tests` when they have run.
const skipTests = process.argv.includes('--no-tests');

function step(title) {
  console.log(`\n${title}`);
}

if (!skipTests) {
  step('checks and tests');
  runOrExit('npm', ['run', '--silent', 'check']);
  runOrExit('npm', ['run', '--silent', 'docs']);
  runOrExit('npm', ['test', '--silent']);
}

step('prebuilds');
runOrExit(process.execPath, ['scripts/prebuild.mjs']);
runTool('mocha/bin/mocha.js', ['dist/test/packaging/prebuilds.test.js']);

step('the tarball');
const { file, size, unpackedSize, entryCount } = pack();
console.log(`${basename(file)}: ${size} bytes, ${unpackedSize} unpacked, ${entryCount} files`);
ok(size <= LARGEST_TARBALL, `the tarball is larger than ${LARGEST_TARBALL} bytes`);
runTool('publint/src/cli.js', ['run', file, '--strict']);
runTool('@arethetypeswrong/cli/dist/index.js', [file, '--profile', 'node16']);

for (const { name, version, program } of nodes()) {
  step(`the tarball on ${name} (${version})`);
  if (!name.endsWith('-arm64')) {
    await smoke(file, program);
    continue;
  }
  // By its path, since the programs run with one of their own.
  const emulator = ['/usr/bin/qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'];
  if (spawnSync(emulator[0], ['--version'], { stdio: 'ignore' }).status !== 0) {
    console.log("skipped: needs Debian's qemu-user-static and libstdc++6-arm64-cross");
    continue;
  }
  await smoke(file, process.execPath, { command: [...emulator, program], emulated: true });
}

step('import');
const taken = importTime(file, process.execPath);
console.log(
  `${taken.toFixed(1)} ms of processor time more than an empty program (Node.js ${process.version})`,
);
ok(
  taken <= LONGEST_IMPORT,
  `an import takes more than ${LONGEST_IMPORT} ms; is the machine at rest?`,
);

console.log('\nready to publish');
