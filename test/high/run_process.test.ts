/**
 * runProcess() and CalledProcessError.
 *
 * Guards: one call gives all that one wants to know of a command, and when it ends, however it does, the command
 * has ended.
 */

import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import {
  CalledProcessError,
  CancelledError,
  createTask,
  DEVNULL,
  type RunProcessOptions,
  runProcess,
  sleep,
  waitFor,
} from 'uvio';
import { startsPrograms } from '../io/process_peers.js';
import { leavesNothingOpen } from '../support.js';
import { inTask } from './stream_support.js';

const run = (script: string, options: RunProcessOptions = {}) =>
  runProcess('sh', ['-c', script], { ...options, encoding: 'utf8' });

async function failure(script: string, options?: RunProcessOptions): Promise<CalledProcessError> {
  try {
    await run(script, options);
  } catch (error) {
    if (error instanceof CalledProcessError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('runProcess()', () => {
  startsPrograms();
  leavesNothingOpen();

  it('has types that say whether output may be missing', () =>
    inTask(async () => {
      const { stdout } = await runProcess('sh', ['-c', 'echo x'], { encoding: 'utf8' });
      const text: string = stdout;
      equal(text, 'x\n');
      const bytes: Buffer = (await runProcess('sh', ['-c', 'echo x >&2'])).stderr;
      equal(String(bytes), 'x\n');
      const { stdout: redirected } = await runProcess('true', [], { stdout: DEVNULL });
      // @ts-expect-error that was not collected
      const missing: Buffer = redirected;
      equal(missing, null);
    }));

  it('gives the output of a program', () =>
    inTask(async () => {
      const { pid, resourceUsage, ...rest } = await run('echo out; echo err >&2');
      ok(pid > 0);
      ok(resourceUsage.userTime >= 0);
      deepEqual(rest, {
        args: ['sh', '-c', 'echo out; echo err >&2'],
        returncode: 0,
        signal: null,
        endedBy: null,
        stdout: 'out\n',
        stderr: 'err\n',
      });
    }));

  it('gives buffers when no encoding is asked for, and feeds the input', () =>
    inTask(async () => {
      const { stdout } = await runProcess('cat', [], { input: 'input' });
      deepEqual(stdout, Buffer.from('input'));
      equal(Number((await run('wc -c')).stdout), 0); // nothing to read
    }));

  it('a program that fails is an error with all there is to know', () =>
    inTask(async () => {
      const error = await failure('echo out; echo "fatal: nothing works" >&2; exit 3');
      equal(
        error.message,
        `Command sh -c 'echo out; echo "fatal: nothing works" >&2; exit 3' exited with code 3\n` +
          'fatal: nothing works',
      );
      deepEqual(error.cmd.slice(0, 2), ['sh', '-c']);
      deepEqual([error.returncode, error.signal, error.endedBy], [3, null, null]);
      deepEqual([error.stdout, error.stderr], ['out\n', 'fatal: nothing works\n']);
      equal(error.name, 'CalledProcessError');
      match(error.stack as string, /nothing works\n\s+at run .*run_process\.test/);
    }));

  it('a program that a signal ends is one, too', () =>
    inTask(async () => {
      const error = await failure('kill -9 $$');
      equal(error.message, "Command sh -c 'kill -9 $$' was killed by SIGKILL");
      deepEqual([error.returncode, error.signal], [-9, 'SIGKILL']);
    }));

  it('of a long stderr the error shows the end', () =>
    inTask(async () => {
      const error = await failure('seq 100000 >&2; echo the end >&2; exit 1');
      ok(error.message.endsWith('\n100000\nthe end'));
      ok(error.message.length < 2300);
      equal(error.stderr?.length, 588_895 + 8);
    }));

  it('check: false tells the failure in the result', () =>
    inTask(async () => {
      const result = await run('echo out; exit 3', { check: false });
      deepEqual([result.returncode, result.stdout], [3, 'out\n']);
    }));

  it('a timeout is told, with what was written before', () =>
    inTask(async () => {
      const options = { timeout: 100 };
      const error = await failure('echo before; exec sleep 60', options);
      equal(
        error.message,
        "Command sh -c 'echo before; exec sleep 60' ran out of time and was killed by SIGTERM",
      );
      deepEqual([error.endedBy, error.returncode, error.stdout], ['timeout', -15, 'before\n']);
      const result = await run('exec sleep 60', { timeout: 1, check: false });
      deepEqual([result.endedBy, result.returncode], ['timeout', -15]);
    }));

  it('cancelling it ends the program before the cancellation goes on', () =>
    inTask(async () => {
      const log: string[] = [];
      const script = 'trap "exit 5" TERM; echo > "$0"; while :; do :; done';
      const task = createTask(async () => {
        try {
          await runProcess('sh', ['-c', script, '/dev/null'], { forceKillAfter: 100 });
        } finally {
          log.push('ended');
        }
      });
      await sleep(30);
      task.cancel();
      await rejects(Promise.resolve(task), CancelledError);
      deepEqual(log, ['ended']);
    }));

  it('a signal does the same, and so does waitFor()', () =>
    inTask(async () => {
      const { signal } = new AbortController();
      await rejects(Promise.resolve(runProcess('true', [], { signal: AbortSignal.abort() })), {
        name: 'CancelledError',
      });
      equal((await runProcess('true', [], { signal })).returncode, 0);
      const controller = new AbortController();
      const aborted = runProcess('sleep', ['60'], { signal: controller.signal });
      await sleep(10);
      controller.abort();
      await rejects(Promise.resolve(aborted), CancelledError);
      await rejects(waitFor(runProcess('sleep', ['60']), 10), { name: 'TimeoutError' });
    }));

  it('cancelled twice it kills at once', () =>
    inTask(async () => {
      const deaf = 'trap "" TERM; exec sleep 60';
      const running = runProcess('sh', ['-c', deaf], { forceKillAfter: 20_000 });
      await sleep(50);
      running.cancel();
      await sleep(50);
      equal(running.done(), false);
      running.cancel();
      await rejects(Promise.resolve(running), CancelledError);
    }));

  it('too much output and a missing program are errors of their own', () =>
    inTask(async () => {
      await rejects(Promise.resolve(run('yes', { maxBuffer: 100 })), {
        name: 'RangeError',
        code: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER',
      });
      const missing = (await runProcess('no-such-program').catch((reason) => reason)) as Error;
      match(missing.stack as string, /ENOENT[^\n]*\n\s+at .*run_process\.test/);
    }));

  it('does not wait for those that hold the output longer than drainGrace', () =>
    inTask(async () => {
      const { stdout } = await run('sleep 60 & echo $!', { drainGrace: 20 });
      process.kill(Number(stdout));
    }));
});
