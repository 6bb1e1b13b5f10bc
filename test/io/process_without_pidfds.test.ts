/**
 * Programs started where the kernel, or a sandbox, knows no pidfds: Linux before 5.4.
 *
 * strace has those calls fail, each test in a process of its own. Guards: a thread per child that waits makes no
 * difference to what is seen: status, errors of exec, signals, trees, the end of a loop and of the process; Node's
 * own children get theirs.
 */

import { ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { assertPrinted, type Program, runProcess } from './programs.js';

const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const refused = { call: 'pidfd_open,pidfd_send_signal', error: 'ENOSYS' };
// For what runs in a worker of such a process.
const env = { UVIO_ENTRY: new URL('../../src/index.js', import.meta.url).href };

async function prints(program: Program<undefined>, ...lines: string[]): Promise<void> {
  assertPrinted(await runProcess(program, { refused, env, timeout: 60_000 }), ...lines);
}

describe('programs without pidfds', function () {
  this.timeout(70_000);

  before(function () {
    if (!hasStrace) this.skip();
  });

  it('exit with their status, and with their output', () =>
    prints(
      async ({ newEventLoop }, { runShell, children }) => {
        const loop = newEventLoop();
        const { stdout, returncode } = await runShell(loop, 'echo out; exit 7');
        console.log(stdout.trim(), returncode);
        console.log((await runShell(loop, 'kill -TERM $$')).returncode);
        loop.close();
        console.log(children().length);
      },
      'out 7',
      '-15',
      '0',
    ));

  it('that cannot be started say why, and leave nothing', () =>
    prints(
      async ({ newEventLoop, DEVNULL }, { fs, runProgram, runShell, children }) => {
        const loop = newEventLoop();
        const isOpen = () => fs.readdirSync('/proc/self/fd').length;
        await runShell(loop, 'true');
        const before = isOpen();
        const why = ({ code, syscall }: NodeJS.ErrnoException) => console.log(code, syscall);
        await runProgram(loop, '/nowhere').catch(why);
        await runProgram(loop, 'true', [], { cwd: '/nowhere' }).catch(why);
        // Its own descriptors are where the answer would come from.
        const fds = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [at + 3, DEVNULL]));
        await runProgram(loop, '/nowhere', [], { fds }).catch(why);
        await runProgram(loop, '/nowhere', [], { fds, closeFds: false }).catch(why);
        console.log(isOpen() - before, children().length);
        loop.close();
      },
      'ENOENT spawn /nowhere',
      'ENOENT chdir',
      'ENOENT spawn /nowhere',
      'ENOENT spawn /nowhere',
      '0 0',
    ));

  it('are signalled, those that they have started too, and not once they are gone', () =>
    prints(
      async ({ createSubprocessExec, createSubprocessShell, PIPE }, { isRunning }) => {
        const process = await createSubprocessExec('sleep', ['1000']);
        process.terminate();
        console.log(await process.wait());
        const controller = new AbortController();
        const options = { stdout: PIPE, killTree: true, signal: controller.signal };
        const tree = await createSubprocessShell('setsid sleep 1000 & echo $!; wait', options);
        const pid = Number(await tree.stdout?.readline());
        console.log(isRunning(pid));
        controller.abort();
        console.log(await tree.wait());
        while (isRunning(pid)) await new Promise(setImmediate);
        console.log('all gone');
      },
      '-15',
      'true',
      '-15',
      'all gone',
    ));

  it('by the hundred, and beside those of child_process', () =>
    prints(
      async ({ newEventLoop }, { runShell, childProcess, events, threadsNamed, until }) => {
        const loop = newEventLoop();
        const theirs = Array.from({ length: 10 }, (_, at) => {
          const child = childProcess.spawn('/bin/sh', ['-c', `exit ${at}`]);
          return events.once(child, 'exit').then(([code]) => code);
        });
        const ours = Array.from({ length: 200 }, (_, at) => runShell(loop, `exit ${at}`));
        const codes = (await Promise.all(ours)).map(({ returncode }) => returncode);
        console.log(codes.every((code, at) => code === at));
        console.log((await Promise.all(theirs)).join());
        loop.close();
        await until(() => threadsNamed('uvio-wait') === 0, 'the threads to end');
      },
      'true',
      '0,1,2,3,4,5,6,7,8,9',
    ));

  it('are killed and reaped with their loop, or left', () =>
    prints(
      async ({ newEventLoop, DEVNULL }, modules) => {
        const { ProcessRecorder, children, isRunning, threadsNamed, until } = modules;
        const loop = newEventLoop();
        const make = () => new ProcessRecorder();
        for (let count = 0; count < 5; count++) await loop.subprocessExec(make, 'sleep', ['1000']);
        const options = { stdin: DEVNULL, stdout: DEVNULL, stderr: DEVNULL, killOnClose: false };
        const [left] = await loop.subprocessExec(make, 'sleep', ['1000'], options);
        console.log(threadsNamed('uvio-wait'));
        loop.close();
        await until(() => children().length === 1, 'the killed ones to be reaped');
        console.log(isRunning(left.getPid()));
        process.kill(left.getPid());
        await until(() => children().length === 0, 'the last one to be reaped');
      },
      '6',
      'true',
    ));

  it('are killed and reaped with their worker', () =>
    prints(async (_, { threads, events, children, until }) => {
      const source = `
        import(process.env.UVIO_ENTRY).then(async ({ newEventLoop, SubprocessProtocol }) => {
          const loop = newEventLoop();
          const start = () => loop.subprocessExec(() => new SubprocessProtocol(), 'sleep', ['1000']);
          for (let count = 0; count < 3; count++) await start();
          for (let count = 0; count < 10; count++) start().catch(() => {});
          require('node:worker_threads').parentPort.postMessage('started');
        });`;
      const worker = new threads.Worker(source, { eval: true });
      await events.once(worker, 'message');
      console.log(children().length >= 3);
      await worker.terminate();
      await until(() => children().length === 0, 'the children to be gone');
    }, 'true'));

  it('do not keep a process from ending', async () => {
    const outcome = await runProcess(
      async ({ newEventLoop }, { ProcessRecorder }) => {
        const loop = newEventLoop();
        await loop.subprocessExec(() => new ProcessRecorder(), 'sleep', ['1000']);
        process.exit(3);
      },
      { refused, timeout: 60_000 },
    );
    ok(outcome.code === 3 && outcome.stdout === '', JSON.stringify(outcome));
  });
});
