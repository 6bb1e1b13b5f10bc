/**
 * Loads the native addon: the only file that touches a .node file.
 *
 * Order: the file that UVIO_ADDON names, what `uvio/prebuilds/…` has loaded, a local build, a prebuild for this platform,
 * architecture and C library. Runtimes that do not carry libuv are refused by name before any native code is loaded, since
 * it would crash there. Invariant: there is one addon or one error that says what was looked for and what to do.
 */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NativeBinding } from './contract.js';
import { isMusl } from './libc.js';

/** Where `uvio/prebuilds/…` leaves the addon, for programs that are bundled. */
const HANDED = Symbol.for('uvio.addon');

function refuseForeignRuntimes(): void {
  for (const runtime of ['bun', 'deno']) {
    const version = process.versions[runtime];
    if (version === undefined) continue;
    const name = runtime === 'bun' ? 'Bun' : 'Deno';
    throw new Error(
      `uvio needs Node.js: ${name} ${version} does not export the libuv functions (uv_run, ` +
        'uv_backend_fd …) that uvio runs its own event loop with',
    );
  }
}

/** The package's folder; null in a bundle of somebody's that is no ES module. */
function packageFolder(): string | null {
  // This file is dist/src/binding/addon.js, or in a file of a folder of dist/lib/.
  const here: string | undefined = import.meta.url;
  return here?.startsWith('file:') ? resolve(fileURLToPath(new URL('../../..', here))) : null;
}

function platformName(): string {
  const { platform, arch, execPath } = process;
  return `${platform}-${arch}${platform === 'linux' && isMusl(execPath) ? '-musl' : ''}`;
}

function open(file: string): NativeBinding {
  const loaded = { exports: {} };
  try {
    process.dlopen(loaded, file);
  } catch (error) {
    throw new Error(
      `uvio's native addon ${file} cannot be loaded in Node.js ${process.version} for ` +
        `${platformName()}: ${(error as Error).message}. Install uvio anew, or ${howToBuild()}`,
      { cause: error },
    );
  }
  return loaded.exports as NativeBinding;
}

function howToBuild(): string {
  const folder = packageFolder() ?? 'node_modules/uvio';
  // Only a checkout has it.
  if (existsSync(join(folder, 'scripts', 'setup.mjs'))) return 'build it with: npm run setup';
  return (
    'build it, which takes a C++17 compiler, make and Python 3, with: ' +
    `npm install --no-save node-addon-api@8 && npx node-gyp rebuild --directory "${folder}"`
  );
}

function load(): NativeBinding {
  refuseForeignRuntimes();
  const named = process.env.UVIO_ADDON;
  if (named !== undefined && named !== '') return open(named);
  const handed = (globalThis as { [HANDED]?: NativeBinding })[HANDED];
  if (handed !== undefined) return handed;

  const folder = packageFolder();
  const local = ['build', 'build-cmake'].map((name) => [name, 'Release', 'uvio.node']);
  const looked: string[] = [];
  for (const place of folder === null ? [] : [...local, null]) {
    const file = join(folder as string, ...(place ?? ['prebuilds', platformName(), 'uvio.node']));
    if (existsSync(file)) return open(file);
    looked.push(file);
  }
  throw new Error(
    `uvio has no native addon for ${platformName()}; looked for ${looked.join(', ') || 'none, since uvio is bundled'}. ` +
      `Name it in the variable UVIO_ADDON, or ${howToBuild()}`,
  );
}

export const native: NativeBinding = load();
