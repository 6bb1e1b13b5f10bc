/**
 * Children whose loop, thread or process comes to its end, and starts that are given up.
 *
 * Guards: nothing of it leaves a running child that nobody watches, a zombie or a descriptor, unless it was asked to;
 * a cancelled start leaves no program.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { CancelledError, DEVNULL, newEventLoop } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withLoop } from './peers.js';
import {
  children,
  finished,
  isRunning,
  ProcessRecorder,
  runsWith,
  startsPrograms,
  until,
} from './process_peers.js';
import { assertPrinted, type Program, runProcess, startWorker } from './programs.js';

const record = () => new ProcessRecorder();

describe('the end of what children belong to', () => {
  startsPrograms();
  leavesNothingOpen();

  it('a loop that is closed kills its children, and they are reaped', async () => {
    const loop = newEventLoop();
    const pids: number[] = [];
    for (let count = 0; count < 5; count++) {
      const [transport] = await loop.subprocessExec(record, 'sleep', ['1000']);
      pids.push(transport.getPid());
    }
    loop.close();
    await until(() => children().length === 0, 'the killed children to be reaped');
    ok(pids.every((pid) => !isRunning(pid)));
  });

  it('a loop that is closed drops the starts that are under way', async () => {
    for (let round = 0; round < 30; round++) {
      const loop = newEventLoop();
      const made: ProcessRecorder[] = [];
      const make = () => made[made.push(new ProcessRecorder()) - 1] as ProcessRecorder;
      for (let count = 0; count < 10; count++) {
        loop.subprocessExec(make, 'sleep', ['1000']).catch(() => {});
      }
      for (let turn = 0; turn < round; turn++) await new Promise(setImmediate);
      loop.close();
    }
    await until(() => children().length === 0, 'the children to be gone');
  });

  it('a child that is to be left runs on, and is reaped when it ends', async () => {
    const loop = newEventLoop();
    const options = { stdin: DEVNULL, stdout: DEVNULL, stderr: DEVNULL, killOnClose: false };
    const [transport] = await loop.subprocessExec(record, 'sleep', ['1000'], options);
    const pid = transport.getPid();
    loop.close();
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    ok(isRunning(pid));
    process.kill(pid, 'SIGTERM');
    await until(() => children().length === 0, 'the child to be reaped');
  });

  it('a worker that is terminated kills its children, and those that are starting', async function () {
    this.timeout(60_000);
    for (let round = 0; round < 6; round++) {
      const worker = startWorker(
        async ({ newEventLoop: make }, { ProcessRecorder: R, threads }) => {
          const loop = make();
          for (let count = 0; count < 3; count++) {
            await loop.subprocessExec(() => new R(), 'sleep', ['1000']);
          }
          for (let count = 0; count < 20; count++)
            loop.subprocessExec(() => new R(), 'sleep', ['1000']);
          threads.parentPort?.postMessage('started');
        },
      );
      await once(worker, 'message');
      ok(children().length >= 3);
      await worker.terminate();
      await until(() => children().length === 0, 'the children to be gone');
    }
  });

  it('process.exit() kills children, those that are starting too, and leaves what is to be left', async () => {
    const mark = `1000.${process.pid}`;
    const body: Program<string> = async ({ newEventLoop: make, DEVNULL: none }, modules, time) => {
      const loop = make();
      const Made = modules.ProcessRecorder;
      const start = (killOnClose: boolean) =>
        loop.subprocessExec(() => new Made(), 'sleep', ['1000'], {
          stdin: none,
          stdout: none,
          stderr: none,
          killOnClose,
        });
      const [killed] = await start(true);
      const [left] = await start(false);
      const marked = loop.subprocessExec(() => new Made(), 'sleep', [time]);
      marked.catch(() => {});
      loop.callSoon(() => {
        process.stdout.write(`${killed.getPid()} ${left.getPid()}`);
        process.exit(3);
      });
    };
    const outcome = await runProcess(body, {}, mark);
    equal(outcome.code, 3, outcome.stderr);
    const [killed, left] = outcome.stdout.split(' ').map(Number) as [number, number];
    await until(() => !isRunning(killed), 'the child to be killed');
    await until(() => !runsWith(mark), 'what was starting to be gone');
    ok(isRunning(left));
    process.kill(left, 'SIGKILL');
  });

  it('kill -9 of the parent leaves no orphan that has a parentDeathSignal', async () => {
    let pids: number[] = [];
    const outcome = await runProcess(
      async ({ newEventLoop: make }, modules) => {
        const loop = make();
        const start = () =>
          loop.subprocessExec(() => new modules.ProcessRecorder(), 'sleep', ['1000'], {
            parentDeathSignal: 'SIGKILL',
          });
        const started = await Promise.all([start(), start(), start()]);
        process.stdout.write(started.map(([transport]) => transport.getPid()).join(' '));
      },
      {
        onSpawn: (child) =>
          child.stdout?.once('data', (text) => {
            pids = String(text).split(' ').map(Number);
            child.kill('SIGKILL');
          }),
      },
    );
    deepEqual([outcome.signal, pids.length], ['SIGKILL', 3]);
    await until(() => pids.every((pid) => !isRunning(pid)), 'the orphans to be killed');
  });

  it('a parentDeathSignal does not come with the end of the worker that started the child', async () => {
    const worker = startWorker(
      async ({ newEventLoop: make, DEVNULL: none }, { ProcessRecorder: R, threads }) => {
        const streams = { stdin: none, stdout: none, stderr: none };
        const options = { ...streams, parentDeathSignal: 'SIGKILL', killOnClose: false } as const;
        const started = make().subprocessExec(() => new R(), 'sleep', ['1000'], options);
        threads.parentPort?.postMessage((await started)[0].getPid());
      },
    );
    const [pid] = (await once(worker, 'message')) as [number];
    await worker.terminate();
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    ok(isRunning(pid));
    process.kill(pid, 'SIGKILL');
    await until(() => children().length === 0, 'the child to be reaped');
  });

  it('an idle loop that has started programs does not keep the process alive', async () => {
    const outcome = await runProcess(async ({ newEventLoop: make }, { runProgram: run }) => {
      const { stdout } = await run(make(), 'echo', ['done']);
      console.log(stdout.trim());
    });
    assertPrinted(outcome, 'done');
  });
});

describe('a start that is given up', () => {
  startsPrograms();
  leavesNothingOpen();

  it('leaves no program, whenever it is cancelled', () =>
    withLoop(async (loop) => {
      for (let round = 0; round < 60; round++) {
        const starting = loop.subprocessExec(record, 'sleep', ['1000']);
        for (let turn = 0; turn < round % 20; turn++) await new Promise(setImmediate);
        if (round % 3 === 0) await Promise.resolve();
        const cancelled = starting.cancel();
        if (cancelled) await rejects(starting, CancelledError);
        else {
          const [transport, protocol] = await starting;
          transport.close();
          await protocol.lost;
        }
        deepEqual(children(), []);
      }
    }));

  it('calls no protocol, and leaves none of its pipes open', () =>
    withLoop(async (loop) => {
      const protocol = record();
      const starting = loop.subprocessExec(() => protocol, 'sleep', ['1000']);
      // This thread hears of the start when it is idle.
      while (children().length === 0);
      starting.cancel();
      equal(starting.done(), false);
      await rejects(starting, CancelledError);
      deepEqual([children(), protocol.events], [[], []]);
    }));

  it('and is withdrawn when it has not begun', () =>
    withLoop(async (loop) => {
      const starts = Array.from({ length: 50 }, () =>
        loop.subprocessExec(record, 'sleep', ['1000']),
      );
      for (const starting of starts) starting.cancel();
      for (const starting of starts) await rejects(starting, CancelledError);
      deepEqual(children(), []);
    }));

  it('while another one goes on', () =>
    withLoop(async (loop) => {
      const other = finished(loop.subprocessExec(record, 'true'));
      const starting = loop.subprocessExec(record, 'sleep', ['1000']);
      starting.cancel();
      await rejects(starting, CancelledError);
      equal((await other).returncode, 0);
    }));

  it('by its signal', () =>
    withLoop(async (loop) => {
      const controller = new AbortController();
      const starting = loop.subprocessExec(record, 'sleep', ['1000'], {
        signal: controller.signal,
      });
      controller.abort(new Error('enough'));
      await rejects(starting, /enough/);
      const early = { signal: AbortSignal.abort() };
      await rejects(loop.subprocessExec(record, 'sleep', ['1000'], early), CancelledError);
      deepEqual(children(), []);
    }));

  it('because there are no descriptors left, and the next one succeeds', async () => {
    const outcome = await runProcess(
      async ({ newEventLoop: make }, { fs, runProgram: run, ProcessRecorder: R }) => {
        const loop = make();
        await run(loop, 'true');
        const fillers: number[] = [];
        try {
          for (;;) fillers.push(fs.openSync('/dev/null', 'r'));
        } catch {}
        const results: string[] = [];
        for (let free = 0; free <= 12; free++) {
          try {
            const [transport, protocol] = await loop.subprocessExec(() => new R(), 'true');
            await protocol.lost;
            results.push(`ran ${transport.getReturncode()}`);
            break;
          } catch (error) {
            const { code, syscall } = error as { code: string; syscall: string };
            results.push(`${code} ${syscall}`);
          }
          fs.closeSync(fillers.pop() as number);
        }
        for (const filler of fillers) fs.closeSync(filler);
        console.log([...new Set(results)].join(', '));
        console.log((await run(loop, 'echo', ['again'])).stdout.trim());
        loop.close();
      },
      { descriptors: 64 },
    );
    assertPrinted(outcome, 'EMFILE pipe, EMFILE fork, ran 0', 'again');
  });
});
