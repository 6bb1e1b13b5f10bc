// `npm run test:matrix`: the tests on every version of Node.js of release/nodes, one after another, with one addon.
//
// Arguments that begin with 'node' choose versions (node22 node26), others go to mocha.

import { spawnSync } from 'node:child_process';
import { arch } from 'node:process';
import { nodes } from './nodes.mjs';
import { root, setUp } from './setup.mjs';

const args = process.argv.slice(2);
const chosen = args.filter((argument) => /^node\d/.test(argument));
const rest = args.filter((argument) => !chosen.includes(argument));

setUp();
const failed = [];
for (const { name, program, version } of nodes()) {
  if (!name.match(/^node\d+$/) || arch !== 'x64') continue;
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.log(`Node.js ${version}`);
  const { status } = spawnSync(program, ['scripts/test.mjs', ...rest], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) failed.push(version);
}
if (failed.length > 0) {
  console.error(`failed on Node.js ${failed.join(', ')}`);
  process.exitCode = 1;
}
