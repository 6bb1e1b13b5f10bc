/**
 * The package as `npm pack` makes it, where a prebuild for this machine is there.
 *
 * Guards: it installs without install scripts and without a compiler, and works there (scripts/smoke.mjs); a compiler
 * finds its types in every way of resolving modules; a bundler can leave it out or take it in; it is small.
 */

import { equal, match, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertPrinted, platformName, root, runCommand, runNode } from '../io/programs.js';
import { toolEnvironment } from '../support.js';

const platform = platformName();
const LARGEST = 2 * 2 ** 20;
const PROGRAM = `
  import { getRunningLoop, openConnection, run, runProcess, startServer } from 'uvio';
  await run(async () => {
    const { stdout } = await runProcess('echo', ['bundled'], { encoding: 'utf8' });
    const answer = (reader, writer) => {
      writer.write(stdout);
      writer.close();
    };
    const server = await startServer(answer, '127.0.0.1', 0);
    const { port } = server.sockets[0].getsockname();
    const [reader] = await openConnection('127.0.0.1', port);
    console.log(String(await reader.read()).trim());
    server.close();
    try {
      getRunningLoop().setWatchdog(1000);
    } catch (error) {
      console.log(error.message);
    }
  });
`;

describe('the package', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'uvio-package-'));
  const library = join(folder, 'node_modules', 'uvio');
  const env = { ...toolEnvironment(), UVIO_ADDON: undefined };
  let tarball = '';

  before(function () {
    if (!existsSync(join(root, 'prebuilds', platform, 'uvio.node'))) this.skip();
    const args = ['pack', '--json', '--loglevel=error', '--pack-destination', folder];
    const output = execFileSync('npm', args, {
      cwd: root,
      encoding: 'utf8',
      env: toolEnvironment(),
      stdio: 'pipe',
    });
    const [packed] = JSON.parse(output.slice(output.indexOf('[\n')));
    tarball = join(folder, packed.filename);
    ok(packed.size < LARGEST, `${packed.size} bytes`);
    mkdirSync(library, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', library, '--strip-components=1']);
    // npm would put it there.
    symlinkSync(join(root, 'node_modules', 'piscina'), join(folder, 'node_modules', 'piscina'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  });

  after(() => rmSync(folder, { recursive: true }));

  it('installs without scripts and compiler, and serves', async () => {
    const { code, stdout, stderr } = await runCommand(
      process.execPath,
      [join(root, 'scripts', 'smoke.mjs'), tarball],
      { env, timeout: 100_000 },
    );
    equal(code, 0, stdout + stderr);
    equal(stdout.match(/^ok {2}/gm)?.length, 6, stdout);
  });

  it('has source maps that lead to sources it has', () => {
    const bundles = join(library, 'dist', 'lib', 'main');
    const maps = readdirSync(bundles).filter((file) => file.endsWith('.map'));
    const sources = maps.flatMap((map): (string | null)[] => {
      return JSON.parse(readFileSync(join(bundles, map), 'utf8')).sources;
    });
    ok(sources.length > 200, String(sources));
    for (const source of sources) {
      // What the bundler made has none.
      if (source === null) continue;
      match(source, /\.ts$/);
      ok(existsSync(join(bundles, source)), source);
    }
  });

  for (const [module, moduleResolution, extension] of [
    ['node16', 'node16', 'mts'],
    ['node16', 'node16', 'cts'],
    ['nodenext', 'nodenext', 'mts'],
    ['nodenext', 'nodenext', 'cts'],
    ['esnext', 'bundler', 'ts'],
  ] as const) {
    it(`has types for moduleResolution ${moduleResolution} in a .${extension} file`, async () => {
      const project = join(folder, `${moduleResolution}-${extension}`);
      mkdirSync(project);
      cpSync(
        join(root, 'node_modules', '@types', 'node'),
        join(project, 'node_modules/@types/node'),
        {
          recursive: true,
        },
      );
      cpSync(
        join(root, 'node_modules', 'undici-types'),
        join(project, 'node_modules/undici-types'),
        {
          recursive: true,
        },
      );
      writeFileSync(
        join(project, `program.${extension}`),
        `import { run, sleep, type Task } from 'uvio';
         import { VirtualClockLoop } from 'uvio/testing';
         import type { EventLoop } from 'uvio';
         const loop: EventLoop = new VirtualClockLoop();
         export const task: Task<string> = loop.createTask(async () => sleep(1, 'x'));
         // @ts-expect-error a function that is given no number
         run(async () => sleep('long'));`,
      );
      const compilerOptions = {
        module,
        moduleResolution,
        strict: true,
        noEmit: true,
        target: 'es2023',
        lib: ['es2023', 'esnext.disposable'],
        types: ['node'],
        skipLibCheck: true,
      };
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      const { code, stdout } = await runCommand(process.execPath, [tsc, '-p', project], {
        env,
        timeout: 60_000,
      });
      equal(code, 0, stdout);
    });
  }

  function bundle(name: string, program: string, ...options: string[]): string {
    writeFileSync(join(folder, `${name}.mjs`), program);
    const esbuild = join(root, 'node_modules', 'esbuild', 'bin', 'esbuild');
    const output = join(folder, name, 'program.cjs');
    const args = [`${name}.mjs`, '--bundle', '--platform=node', `--outfile=${output}`, ...options];
    execFileSync(esbuild, args, { cwd: folder, env: toolEnvironment(), stdio: 'pipe' });
    return output;
  }

  it('is left out of a bundle that names it external', async () => {
    const output = bundle('external', PROGRAM.replace('await run', 'run'), '--external:uvio');
    ok(readFileSync(output, 'utf8').length < 5000);
    assertPrinted(await runNode([output], { env }), 'bundled');
  });

  it('is taken into a bundle together with the addon that is named', async () => {
    const program = `import 'uvio/prebuilds/${platform}';${PROGRAM.replace('await run', 'run')}`;
    const output = bundle(
      'whole',
      program,
      '--format=cjs',
      '--loader:.node=copy',
      '--log-level=error',
    );
    // Nothing else of the package is needed.
    const alone = mkdtempSync(join(tmpdir(), 'uvio-alone-'));
    cpSync(join(output, '..'), alone, { recursive: true });
    try {
      const outcome = await runNode([join(alone, 'program.cjs')], { env });
      const missing =
        'no thread can be started that watches this one: ' +
        "uvio's file inspect/observer_thread.js is not in this bundle, and what starts with it cannot be used";
      assertPrinted(outcome, 'bundled', missing);
    } finally {
      rmSync(alone, { recursive: true });
    }
  });

  it('in a bundle without an addon says so', async () => {
    const program = PROGRAM.replace('await run', 'run');
    const output = bundle('bare', program, '--format=cjs', '--log-level=error');
    const { code, stderr } = await runNode([output], { env });
    equal(code, 1);
    match(stderr, /uvio has no native addon for .*; looked for none, since uvio is bundled/);
  });

  it('says what the system says when a part cannot be loaded for want of descriptors, and then loads it', async () => {
    writeFileSync(
      join(folder, 'short.mjs'),
      `import { closeSync, openSync } from 'node:fs';
       import { run, runProcess } from 'uvio';
       await run(async () => {
         const held = [];
         const call = () => runProcess('echo', ['loaded'], { encoding: 'utf8' });
         try {
           for (;;) held.push(openSync('/dev/null'));
         } catch {}
         for (let attempt = 0; attempt < 2; attempt++) {
           try {
             await call();
           } catch (error) {
             console.log(error.code);
           }
         }
         for (const descriptor of held) closeSync(descriptor);
         console.log((await call()).stdout.trim());
       });`,
    );
    const limited = `ulimit -n 64; exec '${process.execPath}' '${join(folder, 'short.mjs')}'`;
    assertPrinted(await runCommand('sh', ['-c', limited], { env }), 'EMFILE', 'EMFILE', 'loaded');
  });
});
