/**
 * killTree: everything that a process has started ends with it, wherever that has gone.
 *
 * Guards: the group, children in groups and sessions of their own, orphans, and those that start while others are
 * killed are found; strangers, this process and what cannot be found are left alone.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  CancelledError,
  createSubprocessExec,
  PIPE,
  type Process,
  run,
  runProcess,
  type SubprocessOptions,
} from 'uvio';
import { native } from '../../src/binding/addon.js';
import { carriesMark, processEntry, processTable } from '../../src/high/process_table.js';
import { isRunning, startsPrograms, until } from '../io/process_peers.js';
import { leavesNothingOpen } from '../support.js';
import { lineOf, pidsOf, python, shell } from './process_support.js';
import { inTask } from './stream_support.js';

const TREE: SubprocessOptions = { killTree: true, forceKillAfter: 200 };

/** A python3 program whose double-forked grandchild runs `inside`, and says its pid. */
function daemon(inside: string): string {
  return [
    'import os, time, signal, sys',
    'if os.fork() == 0:',
    '    os.setsid()',
    '    if os.fork() != 0: os._exit(0)',
    `    ${inside}`,
    '    os.write(1, b"%d\\n" % os.getpid())',
    '    time.sleep(60)',
    'os.wait()',
    'time.sleep(60)',
  ].join('\n');
}

function processName(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return ''; // gone meanwhile
  }
}

async function endsWith(process: Process, pids: number[]): Promise<void> {
  deepEqual([process.pid, ...pids].filter(isRunning).length, pids.length + 1);
  await process.close();
  deepEqual(pids.filter(isRunning), []);
}

describe('killTree', () => {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  startsPrograms();
  leavesNothingOpen();

  it('ends children and grandchildren of the group', () =>
    inTask(async () => {
      const process = await shell('sh -c "sleep 61 & echo \\$! \\$\\$; wait" & wait', TREE);
      const pids = await pidsOf(process);
      for (const pid of pids) equal(processEntry(pid)?.group, process.pid);
      await endsWith(process, pids);
    }));

  it('ends what a program has started before its own start was over, and given up', () =>
    inTask(async () => {
      for (const giveUp of ['cancel', 'abort'] as const) {
        const own = randomUUID();
        const left = () =>
          [...processTable().values()].filter((one) => !one.isDead && carriesMark(one, own));
        const controller = new AbortController();
        const options = { ...TREE, signal: controller.signal, env: { ...process.env, OWN: own } };
        const script = 'trap "" TERM; setsid sleep 60 & exec sleep 60';
        const starting = createSubprocessExec('sh', ['-c', script], options);
        // This thread hears of the start when it is idle.
        while (left().filter((one) => processName(one.pid) === 'sleep').length < 2);
        equal(starting.done(), false);
        if (giveUp === 'cancel') starting.cancel();
        else controller.abort();
        await rejects(Promise.resolve(starting), CancelledError);
        deepEqual(left(), []);
      }
    }));

  it('ends those that have left the group', () =>
    inTask(async () => {
      const process = await shell('setsid sh -c "sleep 61 & echo \\$! \\$\\$; wait" & wait', TREE);
      const pids = await pidsOf(process);
      for (const pid of pids) ok(processEntry(pid)?.group !== process.pid);
      await endsWith(process, pids);
    }));

  it('ends daemons, which have left the group and their parents', () =>
    inTask(async () => {
      const process = await python(daemon('pass'), TREE);
      const pids = await pidsOf(process);
      equal(processEntry(pids[0] as number)?.parent === process.pid, false);
      await endsWith(process, pids);
    }));

  it('kills what does not listen to SIGTERM, in the group and out of it', () =>
    inTask(async () => {
      const deaf = 'signal.signal(signal.SIGTERM, signal.SIG_IGN)';
      const process = await python(daemon(deaf), { ...TREE, forceKillAfter: 30 });
      await endsWith(process, await pidsOf(process));
      equal(process.returncode, -15);
    }));

  it('ends what is left of the tree when the process has exited before', () =>
    inTask(async () => {
      const process = await shell('setsid sleep 61 >/dev/null & echo $!', TREE);
      const pids = await pidsOf(process);
      await process.communicate();
      equal(process.returncode, 0);
      deepEqual(pids.filter(isRunning), pids);
      equal(await process.close(), 0);
      deepEqual(pids.filter(isRunning), []);
    }));

  it('kill() ends the tree at once, terminate() asks it to end', () =>
    inTask(async () => {
      for (const method of ['kill', 'terminate'] as const) {
        const process = await shell('setsid sleep 61 & echo $!; wait', TREE);
        await pidsOf(process);
        process[method]();
        // The sleeper holds stdout: its end is that of both.
        deepEqual(await process.communicate(), [Buffer.alloc(0), null]);
        equal(process.returncode, method === 'kill' ? -9 : -15);
        await process.close();
      }
    }));

  it('a tree that grows while it is killed is killed all the same', () =>
    inTask(async () => {
      const own = randomUUID();
      const grow = 'for n in $(seq 500); do setsid sleep 61 & sleep 0.005; done';
      const env = { ...globalThis.process.env, OWN: own };
      const script = `setsid sh -c 'trap "" TERM; echo ready; ${grow}' & wait`;
      await using process = await shell(script, { ...TREE, env, forceKillAfter: 30 });
      equal(await lineOf(process), 'ready');
      const left = () =>
        [...processTable().values()].filter((entry) => !entry.isDead && carriesMark(entry, own));
      await until(() => left().length > 5, 'the tree grows');
      await process.close();
      deepEqual(left(), []);
    }));

  it('a tree inside of a tree belongs to both', () =>
    inTask(async () => {
      const inner = `
        import { createSubprocessExec, run } from ${JSON.stringify(import.meta.resolve('uvio'))};
        await run(async () => {
          const process = await createSubprocessExec('sleep', ['61'], { killTree: true, stdout: null });
          console.log(process.pid);
          await process.wait();
        });`;
      const process = await createSubprocessExec(
        globalThis.process.execPath,
        ['--input-type=module', '--eval', inner],
        { ...TREE, killSignal: 'SIGKILL', stdout: PIPE },
      );
      await endsWith(process, await pidsOf(process));
    }));

  it('ends with the loop, but for what a process that has exited by itself has left', async () => {
    const script = 'setsid sleep 61 >/dev/null & echo $!';
    let [ended, left] = [[] as number[], [] as number[]];
    await run(async () => {
      ended = await pidsOf(await shell(`${script}; wait`, TREE));
      const process = await shell(script, TREE);
      left = await pidsOf(process);
      await process.wait();
    });
    await until(() => !ended.some(isRunning), 'the tree to be gone');
    deepEqual(left.filter(isRunning), left);
    for (const pid of left) process.kill(pid);
  });

  it('what a process has left that exits before it is heard that it has started is left alone, too', async () => {
    const own = randomUUID();
    const left = () =>
      [...processTable().values()].filter((one) => !one.isDead && carriesMark(one, own));
    await run(async () => {
      const env = { ...globalThis.process.env, OWN: own };
      // The sleeper holds stdout, whose end does not come.
      const starting = shell('setsid sleep 61 &', { ...TREE, env });
      // This thread hears of the start when it is idle.
      while (
        left()
          .map((one) => processName(one.pid))
          .join() !== 'sleep'
      );
      equal(await (await starting).wait(), 0);
    });
    const sleepers = left();
    equal(sleepers.length, 1);
    for (const { pid } of sleepers) process.kill(pid);
  });

  it('without killTree they are left alone', () =>
    inTask(async () => {
      const process = await shell('sleep 61 & echo $!; wait');
      const [sleeper] = (await pidsOf(process)) as [number];
      await process.close();
      ok(isRunning(sleeper));
      globalThis.process.kill(sleeper);
    }));

  it('others of this process and their trees are left alone', () =>
    inTask(async () => {
      const other = await shell('sleep 61 & echo $!; wait', TREE);
      const [sleeper] = (await pidsOf(other)) as [number];
      const process = await shell('sleep 61 & echo $!; wait', TREE);
      await endsWith(process, await pidsOf(process));
      ok(isRunning(other.pid));
      ok(isRunning(sleeper));
      await endsWith(other, [sleeper]);
    }));

  it('timeout ends the tree, too', () =>
    inTask(async () => {
      const script = 'setsid sleep 61 & echo $!; wait';
      const result = await runProcess('sh', ['-c', script], {
        ...TREE,
        timeout: 100,
        check: false,
      });
      equal(result.endedBy, 'timeout');
      equal(isRunning(Number(result.stdout)), false);
    }));

  it('a pid that has become another process is not signalled', () =>
    inTask(async () => {
      const process = await createSubprocessExec('sleep', ['60']);
      const { startTime } = processEntry(process.pid) as { startTime: number };
      equal(native.signalProcess(process.pid, startTime + 1, 9), -3);
      equal(native.signalProcess(process.pid, startTime, 0), 0);
      equal(native.signalProcess(-1, startTime, 9), -22);
      equal(native.signalProcess(0, startTime, 9), -22);
      ok(isRunning(process.pid));
      equal(native.signalProcess(process.pid, startTime, 9), 0);
      equal(await process.wait(), -9);
      equal(native.signalProcess(process.pid, startTime, 9), -3);
    }));

  it('the table of processes knows this one', () => {
    const { pid, ppid } = process;
    const entry = processTable().get(pid);
    deepEqual([entry?.pid, entry?.parent, entry?.isDead], [pid, ppid, false]);
    equal(processEntry(2 ** 22), null);
  });
});
