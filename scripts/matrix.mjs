// `npm run test:matrix`: the tests on every version of Node.js of release/nodes, one after another, with one addon.
//
// Arguments that begin with 'node' choose versions (node22 node26-musl), others go to mocha. On musl it is the prebuild that is
// tested, since the local build is for glibc.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { arch } from 'node:process';
import { nodes } from './nodes.mjs';
import { root, runOrExit, setUp } from './setup.mjs';

const args = process.argv.slice(2);
const chosen = args.filter((argument) => /^node\d/.test(argument));
const rest = args.filter((argument) => !chosen.includes(argument));

function muslAddon() {
  runOrExit(process.execPath, ['scripts/prebuild.mjs', 'linux-x64-musl']);
  return join(root, 'prebuilds', 'linux-x64-musl', 'uvio.node');
}

setUp();
const failed = [];
for (const { name, program } of nodes()) {
  if (name.endsWith('-arm64') || arch !== 'x64') continue;
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.log(name);
  if (program === null) {
    console.log("skipped: needs Debian's packages musl and musl-dev");
    continue;
  }
  const env = { ...process.env };
  if (name.endsWith('-musl')) env.UVIO_ADDON = muslAddon();
  const { status } = spawnSync(program, ['scripts/test.mjs', ...rest], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`failed on ${failed.join(', ')}`);
  process.exitCode = 1;
}
