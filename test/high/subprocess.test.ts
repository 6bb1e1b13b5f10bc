/**
 * createSubprocessExec(), createSubprocessShell() and Process, with real programs.
 *
 * Guards: asyncio's defaults, names and values; what a bad argument or a missing program does; exit and end of
 * output are told apart.
 */

import { deepEqual, equal, match, notEqual, rejects, throws } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  CancelledError,
  createSubprocessExec,
  createSubprocessShell,
  DEVNULL,
  PIPE,
  Process,
  STDOUT,
  StreamReader,
  StreamWriter,
  type SubprocessOptions,
  type SystemError,
} from 'uvio';
import { startsPrograms } from '../io/process_peers.js';
import { leavesNothingOpen } from '../support.js';
import { lineOf, pidsOf, shell } from './process_support.js';
import { inTask } from './stream_support.js';

describe('subprocesses', () => {
  startsPrograms();
  leavesNothingOpen();

  it('a program has streams, a pid and in the end a return code', () =>
    inTask(async () => {
      const pipes = { stdin: PIPE, stdout: PIPE, stderr: PIPE };
      const process = await createSubprocessExec('cat', ['-', '/does/not/exist'], pipes);
      equal(process instanceof Process, true);
      equal(process.stdin instanceof StreamWriter, true);
      equal(process.stdout instanceof StreamReader, true);
      match(String(process), /^<Process \d+>$/);
      deepEqual(
        [process.returncode, process.signal, process.endedBy, process.resourceUsage],
        [null, null, null, null],
      );
      process.stdin?.write('one\ntwo\n');
      equal(String(await process.stdout?.readline()), 'one\n');
      equal(String(await process.stdout?.readline()), 'two\n');
      process.stdin?.close();
      await process.stdin?.waitClosed();
      match(String(await process.stderr?.read()), /No such file/);
      equal(await process.wait(), 1);
      equal(await process.wait(), 1);
      deepEqual([process.returncode, process.signal, process.endedBy], [1, null, null]);
      equal((process.resourceUsage?.userTime ?? -1) >= 0, true);
    }));

  it('streams are inherited by default, as in asyncio', () =>
    inTask(async () => {
      const process = await createSubprocessExec('true');
      deepEqual([process.stdin, process.stdout, process.stderr], [null, null, null]);
      deepEqual(await process.communicate(), [null, null]);
      equal(process.returncode, 0);
    }));

  it('a shell runs a command line', () =>
    inTask(async () => {
      const process = await createSubprocessShell('echo "$0 $((6 * 7))"; exit 7', { stdout: PIPE });
      deepEqual(await process.communicate(null, { encoding: 'utf8' }), ['/bin/sh 42\n', null]);
      equal(process.returncode, 7);
    }));

  it('a signal that ends it is the negative return code', () =>
    inTask(async () => {
      const process = await shell('kill -KILL $$');
      equal(await process.wait(), -9);
      equal(process.signal, 'SIGKILL');
    }));

  it('stderr goes where stdout goes', () =>
    inTask(async () => {
      const process = await shell('echo out; echo err >&2', { stderr: STDOUT });
      equal(process.stderr, null);
      deepEqual(await process.communicate(null, { encoding: 'utf8' }), ['out\nerr\n', null]);
    }));

  it('DEVNULL is empty, and swallows everything', () =>
    inTask(async () => {
      const nothing = { stdin: DEVNULL, stderr: DEVNULL };
      const process = await shell('wc -c; echo err >&2; yes | head -n 100000 >&2', nothing);
      deepEqual(await process.communicate(null, { encoding: 'utf8' }), ['0\n', null]);
      equal(process.returncode, 0);
    }));

  it('its environment and working directory are as asked', () =>
    inTask(async () => {
      const options = { cwd: '/', env: { PATH: process.env.PATH, ANSWER: '42' } };
      const child = await shell('pwd; echo $ANSWER; env | grep -c UVIO', options);
      deepEqual(await child.communicate(null, { encoding: 'utf8' }), ['/\n42\n0\n', null]);
    }));

  it('the exit is told though a grandchild holds stdout', () =>
    inTask(async () => {
      const process = await shell('sleep 60 & echo $!');
      const [sleeper] = await pidsOf(process);
      equal(await process.wait(), 0);
      globalThis.process.kill(sleeper as number);
      deepEqual(await process.communicate(), [Buffer.alloc(0), null]);
    }));

  it('output can be read after the exit', () =>
    inTask(async () => {
      const process = await shell('echo first; echo second');
      equal(await process.wait(), 0);
      equal(String(await process.stdout?.read()), 'first\nsecond\n');
    }));

  it('lines come as strings without their ends', () =>
    inTask(async () => {
      const process = await shell(
        "printf 'one\\ntwo\\r\\n\\nna\\303\\257ve\\nlast'; echo err >&2",
        {
          stderr: PIPE,
        },
      );
      const lines: string[] = [];
      for await (const line of process.lines()) lines.push(line);
      deepEqual(lines, ['one', 'two', '', 'naïve', 'last']);
      equal((await process.lines({ from: 'stderr' }).next()).value, 'err');
      await process.wait();
    }));

  it('a line above the limit is an error, and the next one is there', () =>
    inTask(async () => {
      const process = await shell('echo 123456789012345678901234567890; echo next', { limit: 16 });
      const lines = process.lines();
      await rejects(lines.next(), { name: 'RangeError' });
      equal((await lines.next()).value, 'next');
      equal((await lines.next()).done, true);
    }));

  it('a program that is missing is a system error that begins where it was started', () =>
    inTask(async () => {
      const missing = createSubprocessExec('no-such-program', ['with', 'arguments']);
      const error = (await missing.catch((reason) => reason)) as SystemError & { path: string };
      equal(error.code, 'ENOENT');
      equal(error.path, 'no-such-program');
      match(error.stack as string, /^[^\n]*no-such-program[^\n]*\n\s+at .*subprocess\.test/);
    }));

  it('a start that is cancelled leaves no process', () =>
    inTask(async () => {
      const starting = createSubprocessExec('sleep', ['60']);
      starting.cancel();
      await rejects(starting, CancelledError);
      const signal = AbortSignal.abort();
      await rejects(createSubprocessExec('sleep', ['60'], { signal }), CancelledError);
    }));

  it('wrong arguments are refused before anything is started', () =>
    inTask(async () => {
      const refused: [SubprocessOptions, string, RegExp][] = [
        [{ timeout: -1 }, 'RangeError', /^timeout must be 0 or more, got -1/],
        [{ timeout: '1' as never }, 'TypeError', /^timeout must be a number/],
        [{ killSignal: 'SIGNOPE' as never }, 'RangeError', /^signal must be a signal's name/],
        [{ forceKillAfter: Number.NaN }, 'RangeError', /^forceKillAfter/],
        [{ killTree: 1 as never }, 'TypeError', /^killTree must be a boolean/],
        [{ maxBuffer: 1.5 }, 'RangeError', /^maxBuffer must be an integer/],
        [{ limit: 0 }, 'RangeError', /^limit must be an integer/],
        [{ signal: {} as never }, 'TypeError', /^signal must be an AbortSignal/],
      ];
      for (const [options, name, message] of refused) {
        throws(() => createSubprocessExec('true', [], options), { name, message });
        throws(() => createSubprocessShell('true', options), { name, message });
      }
      throws(() => createSubprocessExec('true', [], 5 as never), { name: 'TypeError' });
      throws(() => createSubprocessExec(5 as never), { name: 'TypeError' });
    }));

  it('wrong arguments of its methods are refused', () =>
    inTask(async () => {
      const process = await shell('read line', { stdin: PIPE });
      throws(() => process.communicate('', { drainGrace: -1 }), { name: 'RangeError' });
      throws(() => process.communicate(5 as never), { name: 'TypeError' });
      throws(() => process.communicate('', { encoding: 'x' as never }), { name: 'TypeError' });
      throws(() => process.lines({ from: 'stderr' }), { name: 'RuntimeError' });
      throws(() => process.lines({ from: 'stdin' as never }), { name: 'TypeError' });
      throws(() => process.sendSignal('SIGNOPE' as never), { name: 'RangeError' });
      await process.communicate();
      const inherited = await createSubprocessExec('true');
      throws(() => inherited.communicate('input'), { name: 'RuntimeError' });
      await inherited.wait();
    }));

  it('child_process works beside it, in both directions', () =>
    inTask(async () => {
      const theirs = promisify(execFile);
      const rounds = Array.from({ length: 20 }, async (_, index) => {
        const ours = await shell(`read line; echo $line ${index}`, { stdin: PIPE });
        const [other, [output]] = await Promise.all([
          theirs('sh', ['-c', `echo theirs ${index}; exit 0`]),
          ours.communicate('ours\n', { encoding: 'utf8' }),
        ]);
        deepEqual([other.stdout, output], [`theirs ${index}\n`, `ours ${index}\n`]);
        equal(ours.returncode, 0);
      });
      await Promise.all(rounds);
    }));

  it('two processes do not hold each other’s pipes', () =>
    inTask(async () => {
      const first = await createSubprocessExec('cat', [], { stdin: PIPE, stdout: PIPE });
      const second = await createSubprocessExec('cat', [], { stdin: PIPE, stdout: PIPE });
      notEqual(first.pid, second.pid);
      first.stdin?.write('line\n');
      equal(await lineOf(first), 'line');
      first.stdin?.close();
      equal(await first.wait(), 0);
      second.stdin?.close();
      equal(await second.wait(), 0);
    }));
});
