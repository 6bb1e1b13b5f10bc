/**
 * How processes are ended: signal, timeout, close(), and whoever kills what has ended.
 *
 * Guards: SIGKILL follows when a program does not listen, never before; what ended a process is told; nobody is
 * signalled who is not meant.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { createSubprocessExec, createTask, PIPE, sleep } from 'uvio';
import { children, isRunning, startsPrograms } from '../io/process_peers.js';
import { leavesNothingOpen } from '../support.js';
import { lineOf, pidsOf, shell } from './process_support.js';
import { inTask } from './stream_support.js';

/** Says ready, and does not listen to SIGTERM. */
const DEAF = 'trap "" TERM; echo ready; while :; do sleep 60 & wait $!; done';

describe('the end of a process', () => {
  startsPrograms();
  leavesNothingOpen();

  it('timeout ends it, and wait() goes on', () =>
    inTask(async () => {
      const started = performance.now();
      const process = await createSubprocessExec('sleep', ['60'], { timeout: 30 });
      equal(await process.wait(), -15);
      equal(process.endedBy, 'timeout');
      ok(performance.now() - started >= 29);
    }));

  it('a process that ends before its timeout keeps nothing waiting', () =>
    inTask(async (loop) => {
      const process = await createSubprocessExec('true', [], { timeout: 60_000 });
      equal(await process.wait(), 0);
      while (!process.transport.isClosing()) await sleep(0);
      await sleep(0);
      equal(process.endedBy, null);
      equal(loop.metrics()?.timers, 0);
    }));

  it('nor does one that ends before it is heard that it has started', () =>
    inTask(async (loop) => {
      const starting = createSubprocessExec('true', [], { timeout: 60_000, killTree: true });
      // This thread hears of the start when it is idle.
      while (!children().some((pid) => !isRunning(Number(pid))));
      const process = await starting;
      while (!process.transport.isClosing()) await sleep(0);
      await sleep(0);
      equal(loop.metrics()?.timers, 0);
    }));

  it('signal ends it', () =>
    inTask(async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const processes = [
        await createSubprocessExec('sleep', ['60'], { signal }),
        await createSubprocessExec('sleep', ['60'], { signal, killSignal: 'SIGINT' }),
      ];
      controller.abort();
      deepEqual([await processes[0]?.wait(), await processes[1]?.wait()], [-15, -2]);
      deepEqual([processes[0]?.endedBy, processes[1]?.endedBy], ['abort', 'abort']);
    }));

  it('SIGKILL follows after forceKillAfter', () =>
    inTask(async () => {
      const process = await shell(DEAF, { forceKillAfter: 50, killTree: true });
      equal(await lineOf(process), 'ready');
      const started = performance.now();
      equal(await process.close(), -9);
      ok(performance.now() - started >= 49);
      deepEqual([process.signal, process.endedBy], ['SIGKILL', 'close']);
    }));

  it('forceKillAfter: 0 kills at once, Infinity never', () =>
    inTask(async () => {
      const impatient = await shell(DEAF, { forceKillAfter: 0, killTree: true });
      await lineOf(impatient);
      equal(await impatient.close(), -9);
      const patient = await shell(DEAF, {
        forceKillAfter: Number.POSITIVE_INFINITY,
        killTree: true,
      });
      await lineOf(patient);
      const closing = createTask(async () => await patient.close());
      await sleep(100);
      equal(patient.returncode, null);
      patient.kill();
      equal(await closing, -9);
    }));

  it('a program that cleans up on SIGTERM is left the time for it', () =>
    inTask(async () => {
      const process = await shell(
        'trap "echo clean; exit 4" TERM; echo ready; while :; do :; done',
      );
      equal(await lineOf(process), 'ready');
      const controller = new AbortController();
      const waiting = process.wait({ signal: controller.signal });
      process.terminate();
      equal(await waiting, 4);
      equal(String(await process.stdout?.read()), 'clean\n');
    }));

  it('close() of what has ended does nothing', () =>
    inTask(async () => {
      const process = await shell('exit 3');
      await process.communicate();
      equal(await process.close(), 3);
      equal(await process.close(), 3);
      equal(process.endedBy, null);
    }));

  it('close() that is given up ends it all the same', () =>
    inTask(async () => {
      const process = await shell('trap "" TERM; echo ready; exec sleep 60', {
        forceKillAfter: 50,
      });
      await lineOf(process);
      const closing = process.close();
      await sleep(0);
      closing.cancel();
      await rejects(Promise.resolve(closing), { name: 'CancelledError' });
      equal(await process.wait(), -9);
    }));

  it('await using ends it with the block', () =>
    inTask(async () => {
      let pid: number;
      {
        await using process = await createSubprocessExec('sleep', ['60'], { stdin: PIPE });
        pid = process.pid;
        ok(isRunning(pid));
      }
      ok(!isRunning(pid));
    }));

  it('timeout ends the wait for output that a grandchild keeps open', () =>
    inTask(async () => {
      const process = await shell('sleep 60 & echo $!', { timeout: 50 });
      const [sleeper] = await pidsOf(process);
      equal(await process.wait(), 0);
      equal(process.endedBy, null);
      deepEqual(await process.communicate(), [Buffer.alloc(0), null]);
      deepEqual([process.returncode, process.endedBy], [0, 'timeout']);
      ok(isRunning(sleeper as number)); // killTree would have ended it
      globalThis.process.kill(sleeper as number);
    }));

  it('kill() of what has exited reaches nobody', () =>
    inTask(async () => {
      const process = await shell('sleep 60 & echo $!');
      const [sleeper] = await pidsOf(process);
      equal(await process.wait(), 0);
      process.kill();
      process.terminate();
      process.sendSignal('SIGKILL');
      ok(isRunning(sleeper as number));
      globalThis.process.kill(sleeper as number);
      await process.communicate();
      while (process.returncode === null || !process.transport.isClosing()) await sleep(0);
      await sleep(0);
      for (const method of ['kill', 'terminate'] as const) {
        throws(() => process[method](), { code: 'ESRCH', syscall: 'kill' });
      }
      throws(() => process.sendSignal('SIGTERM'), { code: 'ESRCH' });
    }));

  it('kill() while it exits is no error', () =>
    inTask(async () => {
      for (let round = 0; round < 50; round++) {
        const process = await createSubprocessExec('true');
        for (let turn = 0; turn < round % 7; turn++) await sleep(0);
        if (process.returncode === null) process.kill();
        ok([0, -9].includes(await process.wait()));
      }
    }));

  it('sendSignal() sends what is asked for', () =>
    inTask(async () => {
      const process = await shell('trap "echo hup" HUP; echo ready; read line', { stdin: PIPE });
      equal(await lineOf(process), 'ready');
      process.sendSignal('SIGHUP');
      equal(await lineOf(process), 'hup');
      await process.communicate();
    }));
});
