/**
 * pipeline(): programs joined by pipes of the kernel.
 *
 * Guards: every stage's exit code is told, no stage is left when another cannot start, killing ends all, and no byte
 * passes through this process.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { CancelledError, createTask, PIPE, Pipeline, pipeline, sleep } from 'uvio';
import { isRunning, startsPrograms } from '../io/process_peers.js';
import { leavesNothingOpen } from '../support.js';
import { inTask } from './stream_support.js';

describe('pipeline()', () => {
  startsPrograms();
  leavesNothingOpen();

  it('joins programs', () =>
    inTask(async () => {
      const joined = await pipeline(['sort'], ['uniq', '-c'], ['tr', '-d', ' '], {
        stdin: PIPE,
        stdout: PIPE,
      });
      ok(joined instanceof Pipeline);
      equal(joined.processes.length, 3);
      deepEqual(joined.returncodes, [null, null, null]);
      const output = await joined.communicate('b\na\nb\n', { encoding: 'utf8' });
      deepEqual(output, ['1a\n2b\n', [null, null, null]]);
      deepEqual(await joined.wait(), [0, 0, 0]);
      deepEqual(joined.returncodes, [0, 0, 0]);
      equal(joined.endedBy, null);
    }));

  it('the first one’s stdin and the last one’s stdout are streams', () =>
    inTask(async () => {
      const joined = await pipeline(['cat', '-u'], ['cat', '-u'], { stdin: PIPE, stdout: PIPE });
      joined.stdin?.write('one\n');
      equal(String(await joined.stdout?.readline()), 'one\n');
      joined.stdin?.write('two\nthree\n');
      joined.stdin?.close();
      const lines: string[] = [];
      for await (const line of joined.lines()) lines.push(line);
      deepEqual(lines, ['two', 'three']);
      deepEqual(await joined.wait(), [0, 0]);
    }));

  it('one command is a pipeline, too', () =>
    inTask(async () => {
      const joined = await pipeline(['echo', 'alone'], { stdout: PIPE });
      deepEqual(await joined.communicate(), [Buffer.from('alone\n'), [null]]);
    }));

  it('every exit code is told, and a stage that stops reading ends those before it', () =>
    inTask(async () => {
      const joined = await pipeline(['yes'], ['sh', '-c', 'head -n 1; exit 3'], ['cat'], {
        stdout: PIPE,
      });
      equal(String((await joined.communicate())[0]), 'y\n');
      deepEqual(joined.returncodes, [-13, 3, 0]);
    }));

  it('stderr is everybody’s own', () =>
    inTask(async () => {
      const stage = (name: string): [string, ...string[]] => ['sh', '-c', `echo ${name} >&2`];
      const joined = await pipeline(stage('one'), stage('two'), { stderr: PIPE });
      const output = await joined.communicate(null, { encoding: 'utf8' });
      deepEqual(output, [null, ['one\n', 'two\n']]);
    }));

  it('a stage that cannot start ends the others', () =>
    inTask(async () => {
      for (const position of [0, 1, 2]) {
        const commands: [string, ...string[]][] = [['yes'], ['cat'], ['cat']];
        commands[position] = ['no-such-program'];
        const [one, two, three] = commands as [[string], [string], [string]];
        const error = await pipeline(one, two, three, { stdout: PIPE }).catch((reason) => reason);
        equal((error as NodeJS.ErrnoException).code, 'ENOENT');
      }
    }));

  it('a pipeline that is cancelled while it starts leaves nothing', () =>
    inTask(async () => {
      for (let turns = 0; turns < 6; turns++) {
        const task = createTask(async () => await pipeline(['yes'], ['cat'], { stdout: PIPE }));
        for (let turn = 0; turn < turns; turn++) await sleep(0);
        task.cancel();
        const outcome = await task.catch((reason) => reason as Error);
        if (outcome instanceof Pipeline) await outcome.close();
        else ok(outcome instanceof CancelledError);
      }
    }));

  it('kill(), terminate() and sendSignal() reach all that run', () =>
    inTask(async () => {
      for (const [send, code] of [
        [(joined: Pipeline) => joined.kill(), -9],
        [(joined: Pipeline) => joined.terminate(), -15],
        [(joined: Pipeline) => joined.sendSignal('SIGINT'), -2],
      ] as const) {
        const joined = await pipeline(['sleep', '60'], ['sleep', '60'], ['true']);
        await joined.processes[2]?.wait();
        send(joined);
        deepEqual(await joined.wait(), [code, code, 0]);
        send(joined);
      }
    }));

  it('close() and await using end all', () =>
    inTask(async () => {
      let pids: number[];
      {
        await using joined = await pipeline(['yes'], ['sleep', '60']);
        pids = joined.processes.map(({ pid }) => pid);
        deepEqual(pids.map(isRunning), [true, true]);
      }
      deepEqual(pids.map(isRunning), [false, false]);
    }));

  it('a timeout ends all', () =>
    inTask(async () => {
      const joined = await pipeline(['sleep', '60'], ['sleep', '60'], { timeout: 30 });
      deepEqual(await joined.wait(), [-15, -15]);
      equal(joined.endedBy, 'timeout');
    }));

  it('too much output ends all', () =>
    inTask(async () => {
      const joined = await pipeline(['yes'], ['cat'], { stdout: PIPE, maxBuffer: 1000 });
      await rejects(Promise.resolve(joined.communicate()), { name: 'RangeError' });
      ok(joined.returncodes.every((code) => code !== null && code !== 0));
      equal(joined.endedBy, 'maxBuffer');
    }));

  it('no byte passes through this process', () =>
    inTask(async (loop) => {
      const size = 64 << 20;
      const before = loop.metrics()?.callbacks.count as number;
      const joined = await pipeline(
        ['head', '-c', String(size), '/dev/zero'],
        ['cat'],
        ['wc', '-c'],
        { stdout: PIPE },
      );
      equal(Number((await joined.communicate())[0]), size);
      // At 64 KiB a time it would take a thousand callbacks for each pipe.
      const callbacks = (loop.metrics()?.callbacks.count as number) - before;
      ok(callbacks < 200, `${callbacks} callbacks`);
    }));

  it('what goes in comes out of real tools', () =>
    inTask(async () => {
      const data = randomBytes(1 << 20);
      const joined = await pipeline(['gzip', '-1'], ['gzip', '-d'], { stdin: PIPE, stdout: PIPE });
      const [output] = await joined.communicate(data);
      equal(output?.equals(data), true);
    }));

  it('wrong arguments are refused before anything is started', () =>
    inTask(async () => {
      const wrong = pipeline as unknown as (...args: unknown[]) => void;
      throws(() => wrong(), { name: 'RangeError' });
      throws(() => wrong({}), { name: 'RangeError' });
      throws(() => wrong('cat'), { name: 'TypeError' });
      throws(() => wrong(['cat'], 'cat'), { name: 'TypeError' });
      throws(() => wrong(['cat'], []), /^TypeError: commands\[1\] must be an array/);
      throws(() => wrong(['sleep', '60'], [5], { stdout: PIPE }), { name: 'TypeError' });
      throws(() => wrong(['cat'], ['cat'], { timeout: -1 }), { name: 'RangeError' });
    }));
});
