// The versions of Node.js that a release is tested with: packages of release/nodes, installed when they are missing.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runOrExit } from './setup.mjs';

const folder = join(root, 'release', 'nodes');

/** Each with its name ('node22', 'node20-arm64'), its version and its program. */
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
  return names.map((name) => ({
    name,
    version: devDependencies[name].split('@').at(-1),
    program: join(folder, 'node_modules', name, 'bin', 'node'),
  }));
}
