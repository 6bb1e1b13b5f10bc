/*
 * The build farm as a process: what it builds and says, and that nothing of it is left when it is interrupted.
 */

import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { carriesMark, processTable } from '../../src/high/process_table.js';
import { withFolder } from '../io/local_peers.js';
import { until } from '../io/process_peers.js';

const FILE = fileURLToPath(new URL('../../examples/build-farm.js', import.meta.url));

type Program = ChildProcessByStdio<null, Readable, Readable>;

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  return spawn(process.execPath, [FILE, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
}

async function finish(program: Program): Promise<[string, string, number | null]> {
  const [output, complaints, [code]] = await Promise.all([
    text(program.stdout),
    text(program.stderr),
    once(program, 'close'),
  ]);
  return [output, complaints, code];
}

const FILES: Record<string, Buffer> = {
  'empty.txt': Buffer.alloc(0),
  'random.bin': randomBytes(200_000),
  'inside/deep/text.txt': Buffer.from('text\n'.repeat(10_000)),
  'inside/-name with spaces\\and more.txt': Buffer.from('text'),
};

function writeTree(folder: string): string {
  const tree = join(folder, 'tree');
  for (const [path, data] of Object.entries(FILES)) {
    mkdirSync(join(tree, path, '..'), { recursive: true });
    writeFileSync(join(tree, path), data);
  }
  return tree;
}

/** A folder of programs that comes before all others, with a gzip of its own. */
function ownGzip(folder: string, script: string): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'gzip'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${bin}:${process.env.PATH}` };
}

describe('the build farm', function () {
  this.timeout(60_000);

  it('explains itself, and refuses what it does not know', async () => {
    const [help, , code] = await finish(start(['--help']));
    assert.match(help, /build-farm \[FOLDER\]/);
    assert.equal(code, 0);
    for (const wrong of [['--nonsense'], ['--jobs', '0'], ['/does/not/exist'], ['a', 'b']]) {
      const [, complaints, failed] = await finish(start(wrong));
      assert.equal(failed, 1);
      assert.equal(complaints.trim().split('\n').length, 1);
    }
  });

  it('compresses and hashes every file', () =>
    withFolder(async (folder) => {
      const output = join(folder, 'output');
      const args = [writeTree(folder), '--output', output, '--jobs', '3'];
      const [said, complaints, code] = await finish(start(args));
      assert.deepEqual([complaints, code], ['', 0]);
      assert.match(said, /^4 files, 245 KiB → \d+ KiB \(\d+ %\), 8 processes in /);
      for (const [path, data] of Object.entries(FILES)) {
        const hash = createHash('sha256').update(data).digest('hex');
        assert.ok(said.includes(`${hash}  ${path}\n`), path);
        assert.deepEqual(gunzipSync(readFileSync(join(output, `${path}.gz`))), data);
      }
    }));

  it('counts by a pipeline when there is no output', () =>
    withFolder(async (folder) => {
      const [said, complaints, code] = await finish(start([writeTree(folder)]));
      assert.deepEqual([complaints, code], ['', 0]);
      assert.match(said, /^4 files, 245 KiB → \d+ KiB \(\d+ %\), 12 processes in /);
    }));

  it('goes on when a file fails, tells which, and leaves no half of it', () =>
    withFolder(async (folder) => {
      const script =
        'case "$*" in *random*) echo half; echo no luck >&2; exit 3;; esac; exec /bin/gzip "$@"';
      const output = join(folder, 'output');
      const args = [writeTree(folder), '--output', output];
      const [, complaints, code] = await finish(start(args, ownGzip(folder, script)));
      assert.equal(code, 1);
      assert.match(complaints, /^Command gzip .*random.bin exited with code 3\nno luck\n$/);
      assert.deepEqual(readdirSync(output).sort(), ['empty.txt.gz', 'inside']);
    }));

  it('shows its progress on a terminal', () =>
    withFolder(async (folder) => {
      const terminal = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';
      const args = [process.execPath, FILE, writeTree(folder)];
      const python = spawn('python3', ['-c', terminal, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [shown, , code] = await finish(python);
      assert.equal(code, 0);
      const [, progress] = shown.split('\r\x1b[K4 files: ');
      assert.ok(progress?.includes('\r\x1b[K'), shown);
    }));

  for (const [tools, script] of [
    ['tools', 'exec sleep 60'],
    ['tools that do not listen, and their children', 'trap "" TERM; setsid sleep 60 & sleep 60'],
  ] as const) {
    it(`Ctrl-C ends all ${tools}`, async function () {
      if (process.platform !== 'linux') this.skip();
      await withFolder(async (folder) => {
        const own = `farm-${process.pid}-${randomBytes(8).toString('hex')}`;
        const program = start([writeTree(folder), '--jobs', '2'], {
          ...ownGzip(folder, script),
          OWN: own,
        });
        const finished = finish(program);
        const sleepers = () =>
          [...processTable().values()].filter((one) => !one.isDead && carriesMark(one, own));
        // The farm, and twice a gzip (or its sleep) and a wc.
        await until(() => sleepers().length >= 5, 'the tools start');
        const interrupted = performance.now();
        program.kill('SIGINT');
        const [, complaints, code] = await finished;
        const duration = performance.now() - interrupted;
        assert.deepEqual([complaints, code], ['', 130]);
        assert.deepEqual(sleepers(), []);
        // Under a second where nothing else runs; half of one is the period of grace.
        assert.ok(duration < 3000, `${duration} ms`);
      });
    });
  }

  it('kill -9 of the farm ends its tools, too', async function () {
    if (process.platform !== 'linux') this.skip();
    await withFolder(async (folder) => {
      const own = `farm-${process.pid}-${randomBytes(8).toString('hex')}`;
      const environment = { ...ownGzip(folder, 'exec sleep 60'), OWN: own };
      const program = start([writeTree(folder)], environment);
      const finished = finish(program);
      const left = () =>
        [...processTable().values()].filter((one) => !one.isDead && carriesMark(one, own));
      await until(() => left().length >= 5, 'the tools start');
      program.kill('SIGKILL');
      await finished;
      await until(() => left().length === 0, 'the tools end');
    });
  });
});
