/**
 * What CPython's test_subprocess and uvloop's test_process make sure of, under their names, with real programs.
 *
 * Guards: no data is lost at the end of a pipe, no write to a program that has gone is an error of communicate(),
 * nothing is left when a start is given up, and slow readers slow fast writers down.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import {
  CancelledError,
  createSubprocessExec,
  createTask,
  DEVNULL,
  gather,
  PIPE,
  type Process,
  sleep,
} from 'uvio';
import { isRunning, startsPrograms, until } from '../io/process_peers.js';
import { leavesNothingOpen } from '../support.js';
import { lineOf, python, shell } from './process_support.js';
import { inTask } from './stream_support.js';

const PIPES = { stdin: PIPE, stdout: PIPE };

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

describe('subprocesses behave as those of CPython and uvloop', () => {
  startsPrograms();
  leavesNothingOpen();

  it('communicate_ignore_broken_pipe', () =>
    inTask(async () => {
      const process = await createSubprocessExec('true', [], { stdin: PIPE });
      deepEqual(await process.communicate(Buffer.alloc(1 << 20)), [null, null]);
      equal(process.returncode, 0);
    }));

  it('stdin_broken_pipe: whoever writes hears of it', () =>
    inTask(async () => {
      const process = await createSubprocessExec('true', [], { stdin: PIPE });
      await process.wait();
      const writing = (async () => {
        for (;;) {
          process.stdin?.write(Buffer.alloc(1 << 20));
          await process.stdin?.drain();
        }
      })();
      await rejects(writing, (error: NodeJS.ErrnoException) =>
        ['EPIPE', 'ECONNRESET'].includes(error.code as string),
      );
    }));

  it('read_stdout_after_process_exit', () =>
    inTask(async () => {
      const script =
        'import sys\nfor _ in range(64): sys.stdout.write("x" * 4096)\nsys.stdout.flush()';
      const process = await python(script, { limit: 64 * 1024, stderr: DEVNULL });
      await sleep(0);
      let size = 0;
      for (;;) {
        const data = (await process.stdout?.read(1024)) as Buffer;
        if (data.length === 0) break;
        size += data.length;
      }
      equal(size, 64 * 4096);
      equal(await process.wait(), 0);
    }));

  it('cancel_make_subprocess_transport_exec', () =>
    inTask(async () => {
      for (let round = 0; round < 20; round++) {
        const task = createTask(async () => await createSubprocessExec('sleep', ['60'], PIPES));
        for (let turn = 0; turn <= round % 5; turn++) await sleep(0);
        task.cancel();
        const error = await task.catch((reason) => reason);
        if (error instanceof CancelledError) continue;
        equal(await (await task).close(), -15);
      }
    }));

  it('cancel_process_wait', () =>
    inTask(async () => {
      const process = await createSubprocessExec('cat', [], PIPES);
      const waiting = createTask(async () => await process.wait());
      await sleep(0);
      waiting.cancel();
      await rejects(Promise.resolve(waiting), CancelledError);
      equal(process.returncode, null);
      process.kill();
      equal(await process.wait(), -9);
    }));

  it('cancel_communicate: the process goes on, and no output is lost', () =>
    inTask(async () => {
      const process = await shell('cat; exec sleep 60', PIPES);
      process.stdin?.write('first ');
      const given = createTask(async () => await process.communicate('second'));
      await sleep(20);
      given.cancel();
      await rejects(Promise.resolve(given), CancelledError);
      const aborted = process.communicate(null, { signal: AbortSignal.abort() });
      await rejects(Promise.resolve(aborted), CancelledError);
      equal(process.returncode, null);
      process.kill();
      equal(String((await process.communicate())[0]), 'first second');
    }));

  it('close_kill_running', () =>
    inTask(async () => {
      const process = await createSubprocessExec('sleep', ['60'], PIPES);
      process.transport.close();
      equal(await process.wait(), -9);
      process.transport.close();
    }));

  it('subprocess_fd_leak', () =>
    inTask(async () => {
      // A loop's first start opens descriptors that stay with the loop.
      await (await shell('exit 0')).communicate();
      const before = descriptors();
      for (let round = 0; round < 50; round++) {
        const missing = createSubprocessExec('no-such-program', [], PIPES);
        await rejects(Promise.resolve(missing), { code: 'ENOENT' });
        await shell('exit 1').then((process) => process.communicate());
      }
      await until(() => descriptors() <= before, 'descriptors are open');
    }));

  it('communicate_large_stdout_65537', () =>
    inTask(async () => {
      for (const size of [65535, 65536, 65537, 1 << 20]) {
        const process = await shell(`head -c ${size} /dev/zero; head -c ${size} /dev/zero >&2`, {
          stderr: PIPE,
        });
        const [stdout, stderr] = await process.communicate();
        deepEqual([stdout?.length, stderr?.length], [size, size]);
      }
    }));

  it('write_huge_stdin_219264', () =>
    inTask(async () => {
      const process = await createSubprocessExec('wc', ['-c'], PIPES);
      process.stdin?.write(Buffer.alloc(219_264, 'x'));
      await process.stdin?.drain();
      process.stdin?.close();
      equal(String(await process.stdout?.read()).trim(), '219264');
      await process.wait();
    }));

  it('communicate both ways with more than all pipes hold', () =>
    inTask(async () => {
      const process = await createSubprocessExec('cat', [], PIPES);
      const input = Buffer.alloc(4 << 20, 'input');
      const [output] = await process.communicate(input);
      equal(output?.equals(input), true);
    }));

  it('process_delayed_stdio: what comes late arrives, paused or not', () =>
    inTask(async () => {
      for (const paused of [false, true]) {
        const process = await shell('read go; printf data; exec >&-; read end', { stdin: PIPE });
        const pipe = process.transport.getPipeTransport(1) as {
          pauseReading(): void;
          resumeReading(): void;
        };
        if (paused) pipe.pauseReading();
        process.stdin?.write('go\n');
        await sleep(5);
        if (paused) pipe.resumeReading();
        equal(String(await process.stdout?.read()), 'data');
        equal(process.returncode, null);
        process.stdin?.write('end\n');
        equal(await process.wait(), 0);
      }
    }));

  it('stdin_not_inheritable: no program holds the pipe of another', () =>
    inTask(async () => {
      const [one, other] = await gather([
        createSubprocessExec('cat', [], PIPES),
        createSubprocessExec('cat', [], PIPES),
      ]);
      for (const process of [one, other] as Process[]) {
        const [output] = await process.communicate('hello');
        deepEqual([String(output), process.returncode], ['hello', 0]);
      }
      const held = await shell('ls /proc/self/fd | wc -l');
      equal(Number(await lineOf(held)), 4); // its three, and that of the listing
      await held.wait();
    }));

  it('pause_reading: a slow reader behind a fast program keeps memory bounded', () =>
    inTask(async () => {
      const process = await createSubprocessExec('yes', [], { stdout: PIPE, limit: 64 * 1024 });
      const reader = process.stdout as NonNullable<Process['stdout']>;
      for (let round = 0; round < 200; round++) {
        await sleep(0);
        ok(reader._bytes.length <= 3 * 128 * 1024, `${reader._bytes.length} bytes are buffered`);
      }
      equal((await reader.read(1000)).length, 1000);
      ok(isRunning(process.pid));
      await process.close();
    }));

  it('write_flow: drain() waits for a program that does not read', () =>
    inTask(async () => {
      const process = await shell('read line; wc -c', { stdin: PIPE });
      const stdin = process.stdin as NonNullable<Process['stdin']>;
      stdin.write(Buffer.alloc(1 << 20, 'x'));
      const draining = createTask(async () => await stdin.drain());
      await sleep(20);
      equal(draining.done(), false);
      stdin.write('\n12345');
      await draining;
      stdin.close();
      equal((await lineOf(process)).trim(), '5');
      await process.wait();
    }));
});
