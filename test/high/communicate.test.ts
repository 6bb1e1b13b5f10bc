/**
 * communicate() beyond asyncio's: bounds for its output and for its end.
 *
 * Guards: a grandchild that holds the pipes cannot hold the caller, and too much output is told with what there was.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { CancelledError, createSubprocessExec, createTask, PIPE, sleep } from 'uvio';
import { isRunning, startsPrograms } from '../io/process_peers.js';
import { leavesNothingOpen } from '../support.js';
import { pidsOf, shell } from './process_support.js';
import { inTask } from './stream_support.js';

type Overflow = Error & { code: string; stdout: Buffer; stderr: Buffer };

describe('communicate()', () => {
  startsPrograms();
  leavesNothingOpen();

  it('ends drainGrace after the exit, with what was written until then', () =>
    inTask(async () => {
      const process = await shell('sleep 60 & echo $!; printf output');
      const [sleeper] = await pidsOf(process);
      const started = performance.now();
      deepEqual(await process.communicate(null, { drainGrace: 50 }), [Buffer.from('output'), null]);
      ok(performance.now() - started >= 49);
      equal(process.returncode, 0);
      equal(process.endedBy, null);
      ok(isRunning(sleeper as number));
      globalThis.process.kill(sleeper as number);
    }));

  it('drainGrace does not shorten what runs, nor what has ended', () =>
    inTask(async () => {
      const process = await shell('read line; head -c 1000000 /dev/zero', { stdin: PIPE });
      const output = process.communicate(null, { drainGrace: 10 });
      equal((await output)[0]?.length, 1_000_000);
      deepEqual(await process.communicate(null, { drainGrace: 10 }), [Buffer.alloc(0), null]);
    }));

  it('without drainGrace it waits for the end of the pipes, as in asyncio', () =>
    inTask(async () => {
      const process = await shell('(read line; echo late) & exec sh -c "exit 3"', { stdin: PIPE });
      equal(await process.wait(), 3);
      const output = createTask(async () => await process.communicate('line\n'));
      equal(String((await output)[0]), 'late\n');
    }));

  it('more than maxBuffer ends the process, and the error has what there was', () =>
    inTask(async () => {
      const process = await shell('echo small >&2; exec yes', { stderr: PIPE, maxBuffer: 1000 });
      const error = (await process.communicate().catch((reason) => reason)) as Overflow;
      equal(error.name, 'RangeError');
      equal(error.code, 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER');
      equal(error.message, `stdout of ${process} is longer than maxBuffer: 1000 bytes`);
      deepEqual([error.stdout, String(error.stderr)], [Buffer.alloc(1000, 'y\n'), 'small\n']);
      deepEqual([process.returncode, process.signal], [-15, 'SIGTERM']);
      equal(process.endedBy, 'maxBuffer');
    }));

  it('as much as maxBuffer is no error', () =>
    inTask(async () => {
      const process = await shell('head -c 1000 /dev/zero', { maxBuffer: 1000 });
      equal((await process.communicate())[0]?.length, 1000);
      equal(process.endedBy, null);
    }));

  it('gives strings when asked for an encoding', () =>
    inTask(async () => {
      const process = await createSubprocessExec('cat', [], { stdin: PIPE, stdout: PIPE });
      deepEqual(await process.communicate('naïve', { encoding: 'utf8' }), ['naïve', null]);
    }));

  it('is given up by a signal, and the process goes on', () =>
    inTask(async () => {
      const process = await createSubprocessExec('cat', [], { stdin: PIPE, stdout: PIPE });
      const controller = new AbortController();
      const given = Promise.resolve(process.wait({ signal: controller.signal }));
      await sleep(0);
      controller.abort();
      await rejects(given, CancelledError);
      equal(process.endedBy, null);
      deepEqual(await process.communicate('on'), [Buffer.from('on'), null]);
    }));
});
