/**
 * The loader of the native addon, and the addon loaded in several threads at once.
 *
 * Guards: UVIO_ADDON names the file; without a file the error names the platform and the places that
 * were looked at, and a file that is no addon is named; a runtime without libuv is refused by name before
 * native code is loaded; every thread has its own instance, counted by openLoops().
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newEventLoop } from 'uvio';
import { native } from '../../src/binding/addon.js';
import {
  assertPrinted,
  platformName,
  root,
  runCommand,
  runNode,
  startWorker,
} from '../io/programs.js';
import { leavesNothingOpen, toolEnvironment } from '../support.js';

const platform = platformName();
const release = join(root, 'build', 'Release', 'uvio.node');

const PROGRAMS = { bun: 'bun/bin/bun.exe', deno: 'deno/deno' };

/** A copy of the package without any addon, in which `body` may import uvio. */
async function inBarePackage(body: (folder: string, entry: string) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), 'uvio-'));
  try {
    cpSync(join(root, 'dist', 'src'), join(folder, 'dist', 'src'), { recursive: true });
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    await body(folder, join(folder, 'dist', 'src', 'index.js'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Imports `entry` in a process of its own, and prints what came of it. */
function importing(
  entry: string,
  options: { env?: Record<string, string>; preload?: string } = {},
) {
  const source = `
    import(${JSON.stringify(`file://${entry}`)}).then(
      ({ newEventLoop }) => { newEventLoop().close(); console.log('loaded'); },
      (error) => console.log(error.message),
    );`;
  const preload = options.preload ?? '';
  return runNode(['--eval', source], {
    env: { UVIO_ADDON: undefined, ...options.env },
    execArgv: preload === '' ? [] : ['--import', `data:text/javascript,${preload}`],
  });
}

describe('the loader', () => {
  leavesNothingOpen();

  it('without an addon names the platform, the places, and the way to build it', () =>
    inBarePackage(async (folder, entry) => {
      const { stdout, code } = await importing(entry);
      equal(code, 0);
      ok(stdout.startsWith(`uvio has no native addon for ${platform}`), stdout);
      for (const place of ['build/Release', 'build-cmake/Release', `prebuilds/${platform}`]) {
        ok(stdout.includes(join(folder, place, 'uvio.node')), stdout);
      }
      ok(stdout.includes(`npx node-gyp rebuild --directory "${folder}"`), stdout);
    }));

  for (const [simulated, expected] of [
    [{ platform: 'sunos', arch: 'mips' }, 'sunos-mips'],
    // No file of ELF's format, which is taken for one of glibc.
    [{ arch: 's390x', execPath: '/etc/passwd' }, `${process.platform}-s390x`],
  ] as const) {
    it(`names ${expected} as a platform without an addon`, () =>
      inBarePackage(async (folder, entry) => {
        const preload = `for(const[name,value]of%20Object.entries(${JSON.stringify(simulated)}))Object.defineProperty(process,name,{value})`;
        const { stdout, code } = await importing(entry, { preload });
        equal(code, 0);
        ok(stdout.startsWith(`uvio has no native addon for ${expected}; looked for`), stdout);
        ok(stdout.includes(join(folder, 'prebuilds', expected, 'uvio.node')), stdout);
      }));
  }

  it('names a file that is no addon, what is wrong with it and what to do', () =>
    inBarePackage(async (folder, entry) => {
      const file = join(folder, 'prebuilds', platform, 'uvio.node');
      mkdirSync(join(folder, 'prebuilds', platform), { recursive: true });
      writeFileSync(file, 'not an addon');
      const { stdout, code } = await importing(entry);
      equal(code, 0);
      ok(stdout.startsWith(`uvio's native addon ${file} cannot be loaded in Node.js`), stdout);
      ok(/file too short|invalid ELF header|Exec format error/.test(stdout), stdout);
      ok(stdout.includes('npx node-gyp rebuild'), stdout);
    }));

  it('takes the addon that was handed to it, before it looks for a file', () =>
    inBarePackage(async (folder, entry) => {
      const place = join(folder, 'elsewhere');
      cpSync(process.env.UVIO_ADDON ?? release, join(place, 'uvio.node'));
      const hand = `globalThis[Symbol.for('uvio.addon')]=process.getBuiltinModule('node:module').createRequire('file://${place}/x.js')('./uvio.node')`;
      assertPrinted(await importing(entry, { preload: hand }), 'loaded');
    }));

  it('finds a local build, a cmake build and a prebuild', async function () {
    this.timeout(60_000);
    for (const place of ['build/Release', 'build-cmake/Release', `prebuilds/${platform}`]) {
      await inBarePackage(async (folder, entry) => {
        cpSync(process.env.UVIO_ADDON ?? release, join(folder, place, 'uvio.node'));
        assertPrinted(await importing(entry), 'loaded');
      });
    }
  });

  it('takes the file that UVIO_ADDON names, before any other', () =>
    inBarePackage(async (folder, entry) => {
      const file = join(folder, 'elsewhere.node');
      symlinkSync(process.env.UVIO_ADDON ?? release, file);
      assertPrinted(await importing(entry, { env: { UVIO_ADDON: file } }), 'loaded');
      const missing = join(folder, 'missing.node');
      const { stdout, code } = await importing(join(root, 'dist/src/index.js'), {
        env: { UVIO_ADDON: missing },
      });
      equal(code, 0);
      ok(stdout.includes(missing), stdout);
    }));

  for (const [runtime, name] of [
    ['bun', 'Bun'],
    ['deno', 'Deno'],
  ] as const) {
    it(`refuses ${name} by name, before any native code is loaded`, () =>
      inBarePackage(async (_folder, entry) => {
        // The package has no addon: had the loader come so far, the message would be another.
        const preload = `Object.defineProperty(process,'versions',{value:{...process.versions,${runtime}:'1.2.3'}})`;
        const { stdout, code } = await importing(entry, { preload });
        equal(code, 0);
        ok(stdout.startsWith(`uvio needs Node.js: ${name} 1.2.3`), stdout);
      }));

    it(`is refused in ${name} itself`, async function () {
      const program = join(root, 'bench', 'node_modules', PROGRAMS[runtime]);
      if (!existsSync(program)) this.skip();
      this.timeout(60_000);
      await inBarePackage(async (folder, entry) => {
        const file = join(folder, 'program.mjs');
        writeFileSync(
          file,
          `import(${JSON.stringify(entry)}).catch((e) => console.log(e.message));`,
        );
        const flags = runtime === 'deno' ? ['run', '--no-config', '--allow-all'] : [];
        const { stdout } = await runCommand(program, [...flags, file], { env: toolEnvironment() });
        ok(stdout.startsWith(`uvio needs Node.js: ${name} `), stdout);
      });
    });
  }
});

describe('the addon in several threads', () => {
  leavesNothingOpen();

  it('works in the main thread and in workers at once, each counting its own loops', async () => {
    const mine = [newEventLoop(), newEventLoop()];
    equal(native.openLoops(), 2);
    const workers = Array.from({ length: 4 }, (_, index) =>
      startWorker(async ({ newEventLoop: make }, modules, count) => {
        const { Echo, Recorder, portOf, threads } = modules;
        const loops = Array.from({ length: count }, () => make());
        const before = modules.native.openLoops();
        for (const loop of loops) {
          const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0);
          const client = new Recorder({ connectionMade: (transport) => transport.write('x') });
          await loop.createConnection(() => client, '127.0.0.1', portOf(server));
          await client.inbox.has(1);
          loop.close();
        }
        for (let turn = 0; turn < 100 && modules.native.openLoops() > 0; turn++) {
          await new Promise(setImmediate);
        }
        threads.parentPort?.postMessage([before, modules.native.openLoops()]);
      }, index + 1),
    );
    const exits = workers.map((worker) => once(worker, 'exit'));
    const counts = await Promise.all(workers.map((worker) => once(worker, 'message')));
    deepEqual(
      counts.map(([count]) => count),
      [1, 2, 3, 4].map((count) => [count, 0]),
    );
    deepEqual(await Promise.all(exits), [[0], [0], [0], [0]]);
    equal(native.openLoops(), 2);
    for (const loop of mine) loop.close();
  });

  it('is loaded and unloaded by one worker after another', async function () {
    this.timeout(60_000);
    for (let round = 0; round < 15; round++) {
      const worker = startWorker(
        async ({ newEventLoop: make }, _modules, odd) => {
          const loop = make();
          await new Promise<void>((resolve) => loop.callLater(0.1, resolve));
          // Every other worker leaves its loop to the end of the thread.
          if (odd) loop.close();
        },
        round % 2 === 1,
      );
      deepEqual(await once(worker, 'exit'), [0]);
    }
  });

  it('exports what the contract says, and nothing else', () => {
    const names = Object.keys(native).sort();
    for (const name of ['LoopWrap', 'LookupWrap', 'TcpWrap', 'UdpWrap', 'openLoops']) {
      ok(names.includes(name), `${name} is missing from ${names}`);
    }
    for (const name of names) {
      const expected = name === 'constants' ? 'object' : 'function';
      equal(typeof native[name as keyof typeof native], expected);
    }
  });
});
