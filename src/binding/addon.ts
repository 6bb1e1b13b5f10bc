/**
 * Loads the native addon: the only file that touches a .node file.
 *
 * Order: the file that UVIO_ADDON names, a local build, a prebuild for this platform. Runtimes that do
 * not carry libuv are refused by name before any native code is loaded, since it would crash there.
 */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NativeBinding } from './contract.js';

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

function load(): NativeBinding {
  refuseForeignRuntimes();
  // This file is dist/src/binding/addon.js.
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const platform = `${process.platform}-${process.arch}`;
  const candidates = [
    join(root, 'build', 'Release', 'uvio.node'),
    join(root, 'build-cmake', 'Release', 'uvio.node'),
    join(root, 'prebuilds', platform, 'uvio.node'),
  ];
  const named = process.env.UVIO_ADDON;
  const file = named ?? candidates.find((candidate) => existsSync(candidate));
  if (file === undefined) {
    throw new Error(
      `uvio has no native addon for ${platform}; looked for ${candidates.join(', ')}. ` +
        'Build it with: npm run build',
    );
  }
  return createRequire(import.meta.url)(file) as NativeBinding;
}

export const native: NativeBinding = load();
