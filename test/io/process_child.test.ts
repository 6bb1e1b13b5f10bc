/**
 * What a program finds when it starts: arguments, signals, identity, limits, environment.
 *
 * Answers to the keywords of Python's Popen. The programs report what the kernel says of them in /proc. Guards: a
 * child has what was asked for, and default signals. Its descriptors have a file of their own.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ProcessOptions } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withFolder } from './local_peers.js';
import { withLoop } from './peers.js';
import {
  finished,
  inputOf,
  ProcessRecorder,
  runProgram,
  runShell,
  startsPrograms,
} from './process_peers.js';

/** Without what a sanitizer puts into programs. */
const plain = { PATH: process.env.PATH };
const isRoot = process.getuid?.() === 0;

/** The lines of /proc/self/status of a child, by name. */
async function status(options: ProcessOptions = {}): Promise<Record<string, string>> {
  const { stdout } = await withLoop((loop) =>
    runProgram(loop, 'cat', ['/proc/self/status'], options),
  );
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(/:\s*/));
  return Object.fromEntries(lines);
}

/** Fields of /proc/self/stat of a child. */
async function stat(options: ProcessOptions = {}) {
  const { stdout, transport } = await withLoop((loop) =>
    runProgram(loop, 'cat', ['/proc/self/stat'], options),
  );
  const fields = stdout
    .slice(stdout.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return { pid: transport.getPid(), group: fields[2], session: fields[3], nice: fields[16] };
}

describe('a child process', () => {
  startsPrograms();
  leavesNothingOpen();

  it('has its arguments, to the byte', () =>
    withLoop(async (loop) => {
      const script = 'import sys, os; print([os.fsencode(a) for a in sys.argv[1:]])';
      const args = ['', ' ', 'a b', '"\'$x`', 'ü', Buffer.from([0xff, 0x41]), '-x\n'];
      const { stdout } = await runProgram(loop, 'python3', ['-c', script, ...args]);
      equal(stdout, `[b'', b' ', b'a b', b'"\\'$x\`', b'\\xc3\\xbc', b'\\xffA', b'-x\\n']\n`);
      const named = await runProgram(loop, 'sh', ['-c', 'echo $0'], { argv0: 'other' });
      equal(named.stdout, 'other\n');
      const cmdline = await runProgram(loop, 'cat', ['/proc/self/cmdline'], { argv0: 'name' });
      equal(cmdline.stdout, 'name\0/proc/self/cmdline\0');
    }));

  it('has the environment that it is given, or that of this process', () =>
    withLoop(async (loop) => {
      const env = { A: 'one', B: '', C: undefined, D: 'ü=\n' };
      const given = await runProgram(loop, '/usr/bin/env', ['-0'], { env });
      deepEqual(given.stdout.split('\0'), [
        'A=one',
        'B=',
        Buffer.from('D=ü=\n').toString('latin1'),
        '',
      ]);
      equal((await runProgram(loop, '/usr/bin/env', [], { env: {} })).stdout, '');
      process.env.UVIO_TEST_VALUE = 'set later';
      const own = await runProgram(loop, 'sh', ['-c', 'echo $UVIO_TEST_VALUE']);
      delete process.env.UVIO_TEST_VALUE;
      const real = process.env;
      process.env = { ...real, UVIO_TEST_VALUE: 'of another object' };
      const other = await runProgram(loop, 'sh', ['-c', 'echo $UVIO_TEST_VALUE']);
      process.env = real;
      equal(other.stdout, 'of another object\n');
      equal(own.stdout, 'set later\n');
      const gone = await runProgram(loop, 'sh', ['-c', 'echo $UVIO_TEST_VALUE']);
      equal(gone.stdout, '\n');
    }));

  it('is found by the PATH of its own environment and working directory', () =>
    withFolder((folder) =>
      withLoop(async (loop) => {
        writeFileSync(join(folder, 'tool'), '#!/bin/sh\necho found\n', { mode: 0o755 });
        for (const options of [
          { env: { PATH: folder } },
          { env: { PATH: `/no/such:${folder}:/bin` } },
          { env: { PATH: '' }, cwd: folder },
          { env: { PATH: '/no/such::/bin' }, cwd: folder },
        ]) {
          equal((await runProgram(loop, 'tool', [], options)).stdout, 'found\n');
        }
        equal((await runProgram(loop, './tool', [], { cwd: folder })).stdout, 'found\n');
        // Without PATH there is a default one.
        equal((await runProgram(loop, 'echo', ['x'], { env: {} })).stdout, 'x\n');
      }),
    ));

  it('is in its working directory', () =>
    withFolder((folder) =>
      withLoop(async (loop) => {
        const inside = join(folder, 'a b');
        mkdirSync(inside);
        for (const cwd of [inside, Buffer.from(inside), pathToFileURL(inside)]) {
          equal((await runProgram(loop, 'pwd', [], { cwd })).stdout, `${inside}\n`);
        }
        equal((await runProgram(loop, 'pwd')).stdout, `${process.cwd()}\n`);
      }),
    ));

  it('has default signals, and none blocked', async () => {
    const listener = () => {};
    process.on('SIGUSR2', listener);
    const { SigIgn, SigBlk, SigCgt, ShdPnd } = await status({ env: plain });
    process.off('SIGUSR2', listener);
    const none = '0000000000000000';
    // Node ignores SIGPIPE.
    deepEqual([SigIgn, SigBlk, SigCgt, ShdPnd], [none, none, none, none]);
    const { returncode } = await withLoop((loop) => runShell(loop, 'kill -PIPE $$; echo survived'));
    equal(returncode, -13);
  });

  it('ends by SIGPIPE when nobody reads what it writes', () =>
    withLoop(async (loop) => {
      const [transport, protocol] = await loop.subprocessExec(() => new ProcessRecorder(), 'yes');
      await protocol.stdout.has(1);
      transport.getPipeTransport(1)?.close();
      await protocol.exited;
      equal(transport.getReturncode(), -13);
      inputOf(transport).close();
      await protocol.lost;
    }));

  it('is in the group and session that it is asked to be in', async () => {
    const own = await stat();
    const apart = await stat({ processGroup: 0 });
    equal(apart.group, apart.pid);
    equal(apart.session, own.session);
    const leader = await stat({ startNewSession: true });
    deepEqual([leader.group, leader.session], [leader.pid, leader.pid]);
    await withLoop(async (loop) => {
      const options = { processGroup: 0 };
      const [first, protocol] = await loop.subprocessExec(
        () => new ProcessRecorder(),
        'cat',
        [],
        options,
      );
      const joined = await stat({ processGroup: first.getPid() });
      equal(joined.group, first.getPid());
      inputOf(first).close();
      await protocol.lost;
    });
  });

  it('has its umask, niceness, processors and limits', async () => {
    equal((await status({ umask: 0o027 })).Umask, '0027');
    equal((await stat({ nice: 7 })).nice, 7);
    const processors = (await status()).Cpus_allowed_list ?? '';
    const [first] = processors.match(/\d+/) ?? ['0'];
    equal((await status({ cpuAffinity: [Number(first)] })).Cpus_allowed_list, first);
    const { stdout } = await withLoop((loop) =>
      runProgram(loop, 'cat', ['/proc/self/limits'], {
        rlimits: [
          ['nofile', 50, 60],
          ['core', 0, 0],
          ['cpu', 100, Number.POSITIVE_INFINITY],
        ],
      }),
    );
    match(stdout, /Max open files +50 +60 /);
    match(stdout, /Max core file size +0 +0 /);
    match(stdout, /Max cpu time +100 +unlimited /);
  });

  it('has the identity that it is given, and no groups of root', async function () {
    if (!isRoot) this.skip();
    const cwd = tmpdir();
    const nobody = await status({ uid: 65534, gid: 65533, cwd });
    deepEqual(nobody.Uid, '65534\t65534\t65534\t65534');
    deepEqual(nobody.Gid, '65533\t65533\t65533\t65533');
    equal((nobody.Groups ?? '').trim(), '');
    const grouped = await status({ uid: 65534, gid: 65533, groups: [1, 2], cwd });
    equal((grouped.Groups ?? '').trim(), '1 2');
  });

  it('ends with the process that began as another thread', async function () {
    // Its first thread is long gone by then.
    const source = `
      #include <pthread.h>
      #include <stdlib.h>
      #include <unistd.h>
      static void *last(void *unused) { (void)unused; usleep(50000); write(1, "late", 4); exit(3); }
      int main(void) { pthread_t t; pthread_create(&t, 0, last, 0); pthread_exit(0); }
    `;
    this.timeout(60_000);
    await withFolder((folder) =>
      withLoop(async (loop) => {
        const [code, program] = [join(folder, 'threads.c'), join(folder, 'threads')];
        writeFileSync(code, source);
        const compiled = await runProgram(loop, 'cc', ['-pthread', '-o', program, code]);
        equal(compiled.returncode, 0, compiled.stderr);
        const { stdout, returncode } = await runProgram(loop, program);
        deepEqual([stdout, returncode], ['late', 3]);
      }),
    );
  });

  it('dumps core only when it may, and says so', async () => {
    await withLoop(async (loop) => {
      const crash = loop.subprocessShell(() => new ProcessRecorder(), 'kill -SEGV $$', {
        rlimits: [['core', 0, 0]],
        env: plain,
      });
      const { transport, returncode } = await finished(crash);
      equal(returncode, -11);
      const info = transport.getExtraInfo('subprocess');
      deepEqual([info.signal, info.coreDumped], ['SIGSEGV', false]);
      ok(info.resourceUsage !== null);
    });
  });
});
