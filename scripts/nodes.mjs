// The versions of Node.js that a release is tested with: packages of release/nodes, installed when they are missing.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { muslNode } from './musl_node.mjs';
import { root, runOrExit } from './setup.mjs';

const folder = join(root, 'release', 'nodes');

/** Each with its name ('node22', 'node20-arm64', 'node26-musl'), its version and its program; one that is not to be had here is left out, and said. */
export function nodes() {
  const { devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const names = Object.keys(devDependencies);
  if (names.some((name) => !existsSync(join(folder, 'node_modules', name)))) {
    console.error('uvio: installing versions of Node.js (npm ci)');
    // --force: one of them is for another processor.
    const args = [
      'ci',
      '--force',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    runOrExit('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const found = names.map((name) => ({
    name,
    // That of musl is inside of another program, which has a version of its own.
    version: name.endsWith('-musl') ? 'of musl' : devDependencies[name].split('@').at(-1),
    program: programOf(name),
  }));
  for (const { name, program } of found) {
    if (program === null)
      console.log(`${name} is left out: it needs Debian's packages musl and musl-dev`);
  }
  return found.filter(({ program }) => program !== null);
}

function programOf(name) {
  const place = join(folder, 'node_modules', name);
  return name.endsWith('-musl') ? muslNode(join(place, 'pnpm')) : join(place, 'bin', 'node');
}
