/**
 * What a program finds when it starts: descriptors, signals, identity, limits, environment.
 *
 * Answers to the keywords of Python's Popen. The programs report what the kernel says of them in /proc. Guards: a
 * child has what was asked for, has default signals, and has no descriptor that it was not given.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PIPE, type ProcessOptions } from 'uvio';
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
import { assertPrinted, runCommand, sourceOf } from './programs.js';

const root = { skip: process.getuid?.() !== 0 };

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

/** The descriptors of a child, without the one that it lists them with. */
async function descriptors(options: ProcessOptions = {}): Promise<number[]> {
  const script =
    'import os\nfor n in range(9000):\n try:\n  os.fstat(n); print(n)\n except OSError: pass';
  const { stdout } = await withLoop((loop) => runProgram(loop, 'python3', ['-c', script], options));
  return stdout.trim().split('\n').map(Number);
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

  it('has no descriptors but its own', async () => {
    const leaked = [openSync('/dev/null', 'r'), openSync('/dev/null', 'w')];
    deepEqual(await descriptors(), [0, 1, 2]);
    const [first] = leaked as [number, number];
    deepEqual(await descriptors({ passFds: [first] }), [0, 1, 2, first]);
    deepEqual(
      await descriptors({ fds: { 3: first, 7: PIPE, 5: '/dev/null' } }),
      [0, 1, 2, 3, 5, 7],
    );
    deepEqual(await descriptors({ fds: { 700: first } }), [0, 1, 2, 700]);
    for (const descriptor of leaked) closeSync(descriptor);
  });

  it('has descriptors that this process has by inheritance only when it is asked to', async () => {
    const source = sourceOf(async ({ newEventLoop }, { runShell: run }) => {
      const loop = newEventLoop();
      const script = 'test -e /proc/self/fd/40 && echo open || echo closed';
      for (const closeFds of [true, false]) {
        process.stdout.write((await run(loop, script, { closeFds })).stdout);
      }
      loop.close();
    }, null);
    // Node makes the lowest ones close-on-exec when it begins.
    const script =
      'import os, sys; os.dup2(os.open("/dev/null", os.O_RDONLY), 40); os.execv(sys.argv[1], sys.argv[1:])';
    const node = [process.execPath, '--eval', source];
    const outcome = await runCommand('python3', ['-c', script, ...node]);
    assertPrinted(outcome, 'closed', 'open');
  });

  it('has descriptors that lie in the way of each other', () =>
    withFolder((folder) =>
      withLoop(async (loop) => {
        const files = ['a', 'b', 'c'].map((name) => {
          writeFileSync(join(folder, name), name);
          return openSync(join(folder, name), 'r');
        }) as [number, number, number];
        const [a, b, c] = files;
        const script = `cat ${[a, b, c].map((file) => `/proc/self/fd/${file}`).join(' ')}; cat`;
        // Each in another's place, and the last one twice.
        const fds = { [a]: b, [b]: c, [c]: a };
        const { stdout } = await runShell(loop, script, { fds, stdin: c });
        equal(stdout, 'bcac');
        for (const file of files) closeSync(file);
      }),
    ));

  it('reads and writes files', () =>
    withFolder((folder) =>
      withLoop(async (loop) => {
        const [input, output] = [join(folder, 'input'), join(folder, 'output')];
        writeFileSync(input, 'in the file');
        await runProgram(loop, 'cat', [], { stdin: input, stdout: output });
        equal(readFileSync(output, 'utf8'), 'in the file');
        await runProgram(loop, 'echo', ['x'], { stdout: pathToFileURL(output) });
        equal(readFileSync(output, 'utf8'), 'x\n');
        const appended = { path: output, flags: 'a' };
        await runShell(loop, 'echo y; echo z >&2', { stdout: appended, stderr: appended });
        equal(readFileSync(output, 'utf8'), 'x\ny\nz\n');
        const own = openSync(input, 'r');
        const reading = runProgram(loop, 'cat', [], { stdin: own });
        // The child has a duplicate.
        closeSync(own);
        equal((await reading).stdout, 'in the file');
      }),
    ));

  it('inherits the streams of this process', async () => {
    const outside = await withLoop((loop) =>
      runProgram(loop, 'readlink', ['/proc/self/fd/2'], { stderr: 'inherit' }),
    );
    equal(outside.stdout, (await readLink('/proc/self/fd/2')).concat('\n'));
  });

  it('has default signals, and none blocked', async () => {
    const listener = () => {};
    process.on('SIGUSR2', listener);
    const { SigIgn, SigBlk, SigCgt, ShdPnd } = await status();
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
    if (root.skip) this.skip();
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
      });
      const { transport, returncode } = await finished(crash);
      equal(returncode, -11);
      const info = transport.getExtraInfo('subprocess');
      deepEqual([info.signal, info.coreDumped], ['SIGSEGV', false]);
      ok(info.resourceUsage !== null);
    });
  });
});

async function readLink(path: string): Promise<string> {
  const { readlink } = await import('node:fs/promises');
  return readlink(path);
}
