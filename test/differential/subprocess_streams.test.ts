/**
 * Subprocesses with streams against CPython: what Process gives, and in which order.
 *
 * Each test is the twin of the function of that name in scenarios/subprocess_streams.py.
 */

import {
  createSubprocessExec,
  createSubprocessShell,
  createTask,
  DEVNULL,
  gather,
  PIPE,
  type Process,
  type ProcessOptions,
  STDOUT,
  type StreamReader,
  type StreamWriter,
  type SubprocessOptions,
  sleep,
} from '../../src/index.js';
import { startsPrograms } from '../io/process_peers.js';
import { leavesNothingOpen } from '../support.js';
import { kind, type Stage, theme } from './stage.js';

const shell = (script: string, options?: SubprocessOptions) =>
  createSubprocessExec('sh', ['-c', script], options);

const text = (output: Buffer | null) => (output === null ? null : output.toString());
const stdinOf = (process: Process) => process.stdin as StreamWriter;
const stdoutOf = (process: Process) => process.stdout as StreamReader;
const lineOf = async (process: Process) => String(await stdoutOf(process).readline()).trim();
const ALL = { stdin: PIPE, stdout: PIPE, stderr: PIPE };

describe('subprocesses with streams, as in asyncio', () => {
  startsPrograms();
  leavesNothingOpen();
  const { sameTask } = theme('subprocess_streams');

  sameTask('without options', 'defaults', async ({ log }) => {
    const process = await shell('exit 7');
    log(process.stdin, process.stdout, process.stderr);
    log(await process.communicate(), process.returncode);
    log(await process.wait(), await process.wait());
  });

  sameTask('communicate()', 'communicating', async ({ log }) => {
    const process = await shell('cat; echo err >&2; exit 3', ALL);
    const { stderr } = process;
    log(stdinOf(process).isClosing(), stdoutOf(process).atEof());
    const [output, errors] = await process.communicate('input', { encoding: 'utf8' });
    log(output, errors?.trim(), process.returncode);
    log(stdinOf(process).isClosing(), stdoutOf(process).atEof(), stderr?.atEof());
    log((await process.communicate()).map(text));
  });

  sameTask('stderr in stdout', 'merged', async ({ log }) => {
    const options = { stdin: DEVNULL, stdout: PIPE, stderr: STDOUT };
    const process = await shell('echo out; echo err >&2', options);
    log(process.stdin, process.stderr);
    const [stdout, stderr] = await process.communicate();
    log(String(stdout).split('\n'), stderr);
  });

  sameTask('a conversation line by line', 'by_line', async ({ log }) => {
    const script = 'while read line; do echo "got $line"; done; exit 2';
    const process = await createSubprocessShell(script, { stdin: PIPE, stdout: PIPE });
    const stdin = stdinOf(process);
    for (const word of ['one', 'two']) {
      stdin.write(`${word}\n`);
      await stdin.drain();
      log(await lineOf(process));
    }
    log(stdin.canWriteEof(), process.returncode);
    stdin.writeEof();
    log(text(await stdoutOf(process).read()), stdoutOf(process).atEof());
    await stdin.waitClosed();
    log(await process.wait(), stdin.isClosing());
  });

  sameTask('iterating over lines', 'iterating', async ({ log }) => {
    const process = await shell('seq 3; printf last', { stdout: PIPE });
    for await (const line of stdoutOf(process)) log(String(line).trim());
    log(await process.wait());
  });

  sameTask('communicate() with what has ended', 'broken_pipe', async ({ log }) => {
    const process = await shell('exit 0', { stdin: PIPE });
    await process.wait();
    log(await process.communicate('x'.repeat(1_000_000)), process.returncode);
  });

  sameTask('drain() with what has ended', 'drain_after_exit', async ({ log }) => {
    const process = await shell('exit 0', { stdin: PIPE });
    await process.wait();
    try {
      for (let round = 0; round < 100; round++) {
        stdinOf(process).write('x'.repeat(100_000));
        await stdinOf(process).drain();
      }
      log('written');
    } catch (error) {
      if (!/EPIPE|ECONNRESET/.test((error as NodeJS.ErrnoException).code as string)) throw error;
      log('the pipe is broken');
    }
  });

  sameTask('signals', 'killing', async ({ log }) => {
    for (const method of ['kill', 'terminate'] as const) {
      const process = await shell('exec sleep 60');
      process[method]();
      log(method, process.returncode, await process.wait(), process.returncode);
    }
    const script = 'trap "exit 5" HUP; echo ready; while :; do :; done';
    const process = await shell(script, { stdout: PIPE });
    log(await lineOf(process));
    process.sendSignal(1);
    log(await process.wait());
  });

  sameTask('signals to what has ended', 'killing_the_dead', async ({ log }) => {
    const process = await shell('exit 1');
    await process.wait();
    for (let turn = 0; turn < 10; turn++) await sleep(0);
    for (const method of ['kill', 'terminate'] as const) {
      try {
        process[method]();
        log(method, 'nothing');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
        log(method, 'no such process');
      }
    }
  });

  sameTask('a cancelled wait()', 'cancelled_wait', async ({ log }) => {
    const process = await shell('read line; exit 4', { stdin: PIPE });
    const waiting = createTask(async () => await process.wait());
    await sleep(0);
    waiting.cancel();
    await waiting.catch((error) => log(kind(error), process.returncode));
    stdinOf(process).close();
    log(await process.wait());
  });

  sameTask('a cancelled communicate()', 'cancelled_communicate', async ({ log }) => {
    const process = await shell('cat; exec sleep 60', { stdin: PIPE, stdout: PIPE });
    const talking = createTask(async () => await process.communicate('input'));
    await sleep(20);
    talking.cancel();
    await talking.catch((error) => log(kind(error), process.returncode));
    process.kill();
    log(await process.wait());
  });

  sameTask('several that wait', 'several_wait', async ({ log }) => {
    const process = await shell('read line; exit 9', { stdin: PIPE });
    const wait = async (name: string) => log(name, await process.wait());
    const waiting = ['one', 'two', 'three'].map((name) => createTask(() => wait(name)));
    await sleep(0);
    stdinOf(process).close();
    await gather(waiting);
  });

  sameTask('a line that is too long', 'line_too_long', async ({ log }) => {
    const script = 'echo 12345678901234567890; echo next';
    const process = await shell(script, { stdout: PIPE, limit: 8 });
    await stdoutOf(process)
      .readline()
      .catch((error) => log((error as Error).message));
    log(await lineOf(process));
    log(await process.wait());
  });

  sameTask('programs that are none', 'missing', async ({ log }) => {
    const codes: Record<string, string> = { ENOENT: 'no such file', EACCES: 'permission' };
    for (const program of ['no-such-program', '/']) {
      await createSubprocessExec(program, [], { stdout: PIPE }).catch((error) =>
        log(codes[(error as NodeJS.ErrnoException).code as string]),
      );
    }
    const process = await createSubprocessShell('no-such-program', { stderr: DEVNULL });
    log(await process.wait());
  });

  sameTask('options that are refused', 'refused_options', async ({ log }) => {
    for (const options of [{ bufsize: 1 }, { shell: true }, { encoding: 'utf8' }, { text: true }]) {
      try {
        await createSubprocessExec('true', [], options as ProcessOptions);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        log('refused', Object.keys(options));
      }
    }
  });

  sameTask('more than a pipe holds', 'large_output', async ({ log }: Stage) => {
    const script = 'head -c 65537 /dev/zero; head -c 200000 /dev/zero >&2';
    const process = await shell(script, { stdout: PIPE, stderr: PIPE });
    log((await process.communicate()).map((part) => part?.length));
    const cat = await createSubprocessExec('cat', [], { stdin: PIPE, stdout: PIPE });
    const input = Buffer.from('0123456789'.repeat(21927));
    const [stdout] = await cat.communicate(input);
    log(stdout?.length, stdout?.equals(input));
  });
});
