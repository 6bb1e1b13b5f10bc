/**
 * Programs that cannot be started: what the error says, and that nothing is left.
 *
 * Answers to Python's OSErrors from Popen, in Node's shape. Guards: every failure has its code and names what failed;
 * bad arguments are refused before anything is opened; no connectionMade, no zombie, no descriptor.
 */

import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEVNULL, PIPE, type ProcessOptions, RuntimeError, STDOUT } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withFolder } from './local_peers.js';
import { withLoop } from './peers.js';
import { children, ProcessRecorder, runProgram, startsPrograms } from './process_peers.js';

/** What fails, when a program is started like this. */
function failure(program: string, args: string[] = [], options: ProcessOptions = {}) {
  return withLoop(async (loop) => {
    let protocol: ProcessRecorder | undefined;
    const make = () => {
      protocol = new ProcessRecorder();
      return protocol;
    };
    const started = loop.subprocessExec(make, program, args, options);
    const error = await Promise.resolve(started).then(
      () => null,
      (reason: unknown) => reason as Error & Record<string, unknown>,
    );
    if (error === null) throw new Error('it has started');
    deepEqual(protocol?.events, []);
    deepEqual(children(), []);
    const { code, syscall, path, spawnargs, message } = error;
    return { code, syscall, path, spawnargs, message };
  });
}

const isRoot = process.getuid?.() === 0;

describe('a program that cannot be started', () => {
  startsPrograms();
  leavesNothingOpen();

  it('is missing', async () => {
    deepEqual(await failure('no-such-program', ['-x', 'y']), {
      code: 'ENOENT',
      syscall: 'spawn no-such-program',
      path: 'no-such-program',
      spawnargs: ['-x', 'y'],
      message: 'spawn no-such-program ENOENT: no such file or directory',
    });
    equal((await failure('/no/such/program')).code, 'ENOENT');
    equal((await failure('./no-such-program')).code, 'ENOENT');
    equal((await failure('/etc/passwd/program')).code, 'ENOTDIR');
  });

  it('is a directory, or a file that is not executable, or in no known format', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'file');
      writeFileSync(file, 'exit 0\n', { mode: 0o644 });
      equal((await failure(folder)).code, 'EACCES');
      equal((await failure(file)).code, 'EACCES');
      chmodSync(file, 0o755);
      const { code, message } = await failure(file);
      equal(code, 'ENOEXEC');
      match(message, /exec format error/);
      writeFileSync(file, '#!/no/such/interpreter\n');
      equal((await failure(file)).code, 'ENOENT');
    }));

  it('is passed over in PATH for one that can be run, and told of when there is none', () =>
    withFolder(async (folder) => {
      const [first, second] = [join(folder, 'a'), join(folder, 'b')];
      for (const path of [first, second]) mkdirSync(path);
      writeFileSync(join(first, 'tool'), 'x', { mode: 0o644 });
      const env = { PATH: `${first}:/no/such:${second}` };
      equal((await failure('tool', [], { env })).code, 'EACCES');
      writeFileSync(join(second, 'tool'), '#!/bin/sh\necho second\n', { mode: 0o755 });
      await withLoop(async (loop) => {
        equal((await runProgram(loop, 'tool', [], { env })).stdout, 'second\n');
      });
      equal((await failure('tool', [], { env: { PATH: '' } })).code, 'ENOENT');
    }));

  it('has arguments that are too long', async () => {
    equal((await failure('true', ['x'.repeat(3_000_000)])).code, 'E2BIG');
    const { code } = await failure('true', [], { env: { LONG: 'x'.repeat(3_000_000) } });
    equal(code, 'E2BIG');
  });

  it('has no working directory, which is named', async () => {
    const { code, syscall, path, message } = await failure('true', [], { cwd: '/no/such/folder' });
    deepEqual([code, syscall, path], ['ENOENT', 'chdir', '/no/such/folder']);
    equal(message, "chdir ENOENT: no such file or directory '/no/such/folder', on starting 'true'");
    equal((await failure('true', [], { cwd: '/etc/passwd' })).code, 'ENOTDIR');
  });

  it('has a file that cannot be opened, which is named', async () => {
    const options = { stdin: '/dev/null', stdout: '/no/such/folder/file' };
    const { code, syscall, path } = await failure('true', [], options);
    deepEqual([code, syscall, path], ['ENOENT', 'open', '/no/such/folder/file']);
    equal((await failure('true', [], { stdin: '/no/such' })).path, '/no/such');
  });

  it('has a FIFO to write to that nobody reads, and no start waits for that', () =>
    withFolder(async (folder) => {
      const fifo = join(folder, 'fifo');
      await withLoop((loop) => runProgram(loop, 'mkfifo', [fifo]));
      equal((await failure('true', [], { stdout: fifo })).code, 'ENXIO');
    }));

  it('has a descriptor that is not open', async () => {
    await withLoop(async (loop) => {
      const start = (options: ProcessOptions) =>
        loop.subprocessExec(() => new ProcessRecorder(), 'true', [], options);
      for (const options of [{ stdout: 5000 }, { passFds: [5000] }, { fds: { 4: 5000 } }]) {
        await rejects(start(options), { code: 'EBADF', path: 'true' });
      }
    });
  });

  it('is asked for what only root may', async function () {
    if (isRoot) this.skip();
    equal((await failure('true', [], { uid: 0 })).syscall, 'setuid');
    equal((await failure('true', [], { gid: 0 })).syscall, 'setgid');
    equal((await failure('true', [], { groups: [0] })).syscall, 'setgroups');
    equal((await failure('true', [], { nice: -20 })).syscall, 'setpriority');
  });

  it('is asked for what the system does not have', async () => {
    const { code, syscall } = await failure('true', [], { cpuAffinity: [60_000] });
    deepEqual([code, syscall], ['EINVAL', 'sched_setaffinity']);
    const group = await failure('true', [], { processGroup: 2 ** 30 });
    deepEqual([group.code, group.syscall], ['EPERM', 'setpgid']);
    const limit = await failure('true', [], { rlimits: [['nofile', 20, 10]] });
    deepEqual([limit.code, limit.syscall], ['EINVAL', 'setrlimit']);
  });

  it('has an error whose stack begins where it was asked for', () =>
    withLoop(async (loop) => {
      const ask = () => loop.subprocessExec(() => new ProcessRecorder(), 'no-such-program');
      const error = (await ask().then(null, (reason) => reason)) as Error;
      match(error.stack?.split('\n')[1] ?? '', /process_errors/);
    }));
});

describe('arguments of a subprocess', () => {
  leavesNothingOpen();

  const refuses = (
    options: object,
    expected: RegExp | object,
    args: unknown = [],
    program: unknown = 'true',
  ) =>
    withLoop(async (loop) => {
      const make = () => {
        throw new Error('a protocol was made');
      };
      throws(
        () => loop.subprocessExec(make, program as string, args as string[], options as never),
        expected,
      );
    });

  it('must be text without zero bytes', async () => {
    const zero = {
      name: 'TypeError',
      message: "args[1] must be without zero bytes, got 'a\\x00b'",
    };
    await refuses({}, zero, ['x', 'a\0b']);
    await refuses({}, TypeError, [Buffer.from('a\0')]);
    await refuses({}, /args\[0\] must be a string or a Uint8Array, got 5/, [5]);
    // biome-ignore lint/suspicious/noSparseArray: a hole is the point
    await refuses({}, /args\[0\] must be a string or a Uint8Array, got undefined/, [, 'x']);
    await refuses({}, /args must be an array/, 'x');
    await refuses({}, /program must be without zero bytes/, [], 'a\0');
    await refuses({}, /program must be a path that is not empty/, [], '');
    await refuses({}, /program must be a string or a Uint8Array, got null/, [], null);
    await refuses({ argv0: 'a\0' }, /argv0 must be/);
    await refuses({ cwd: 'a\0' }, /cwd must be/);
    await refuses({ env: { A: 'a\0' } }, /env\.A must be/);
    await refuses({ env: { 'A=B': 'x' } }, /env must be an object with names/);
    await refuses({ env: { '': 'x' } }, RangeError);
    await refuses({ env: { A: 5 } }, /env\.A must be a string, got 5/);
    await refuses({ env: 5 }, /env must be an object/);
  });

  it('must be of the right kind and size', async () => {
    await refuses({ uid: -1 }, /uid must be an integer from 0 to 4294967294, got -1/);
    await refuses({ uid: 2 ** 32 - 1 }, RangeError);
    await refuses({ gid: 'x' }, TypeError);
    await refuses({ groups: 5 }, /groups must be an array/);
    await refuses({ groups: [-1] }, /groups\[0\] must be/);
    await refuses({ umask: 0o1000 }, RangeError);
    await refuses({ nice: 20 }, RangeError);
    await refuses({ processGroup: -1 }, RangeError);
    await refuses({ parentDeathSignal: 'SIGNOT' }, RangeError);
    await refuses({ cpuAffinity: [] }, /cpuAffinity must be not empty/);
    await refuses({ cpuAffinity: [1.5] }, RangeError);
    await refuses({ rlimits: [['nothing', 1, 1]] }, /rlimits\[0\]\[0\] must be one of/);
    await refuses({ rlimits: [['core', -1, 1]] }, RangeError);
    await refuses({ rlimits: [5] }, TypeError);
    await refuses({ startNewSession: 1 }, TypeError);
    await refuses({ closeFds: 1 }, TypeError);
    await refuses({ killOnClose: 1 }, TypeError);
    await refuses({ signal: 5 }, TypeError);
  });

  it('must be descriptors that make sense', async () => {
    await refuses({ stdin: STDOUT }, /stdin must be something else \(STDOUT is for stderr\)/);
    await refuses({ stdout: 'pipe' }, /stdout must be PIPE, DEVNULL or a path, got 'pipe'/);
    await refuses({ stdout: true }, TypeError);
    await refuses({ stdout: {} }, TypeError);
    await refuses({ stdout: -7 }, RangeError);
    await refuses({ stdout: { path: 'x', flags: 'z' } }, /stdout\.flags must be one of/);
    await refuses({ stdout: { path: 'x', mode: -1 } }, RangeError);
    await refuses({ fds: { 1: PIPE } }, RangeError);
    await refuses({ fds: { 3: 'inherit' } }, TypeError);
    await refuses({ fds: { 3: DEVNULL }, passFds: [3] }, /given once, got 3/);
    await refuses({ passFds: [2] }, RangeError);
    await refuses({ stdin: { getExtraInfo() {} } }, /stdin must be a transport over/);
  });

  it('are not those of Popen that asyncio refuses, with its words', async () => {
    await refuses({ shell: true }, /shell must be false/);
    await refuses({ universalNewlines: true }, /universalNewlines must be false/);
    await refuses({ bufsize: 1 }, /bufsize must be 0/);
    await refuses({ text: true }, /text must be false/);
    await refuses({ encoding: 'utf8' }, /encoding must be null/);
    await refuses({ errors: 'strict' }, /errors must be null/);
    await withLoop(async (loop) => {
      const make = () => new ProcessRecorder();
      throws(
        () => loop.subprocessShell(make, 'x', { shell: false } as never),
        /shell must be true/,
      );
      throws(() => loop.subprocessShell(make, ['x'] as never), /command must be a string/);
      throws(() => loop.subprocessExec({} as never, 'x'), /protocolFactory must be a function/);
      await rejects(
        loop.subprocessExec(() => ({}) as never, 'true'),
        TypeError,
      );
    });
  });

  it('are not for a loop that is closed', async () => {
    const loop = await withLoop(async (open) => open);
    throws(() => loop.subprocessExec(() => new ProcessRecorder(), 'true'), RuntimeError);
    ok(loop.isClosed());
  });
});
