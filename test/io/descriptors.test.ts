/**
 * What descriptors connectReadPipe() and its like take, and whose they are.
 *
 * Guards: only what can be waited for, and only in its own direction; what is refused stays the caller's,
 * what is taken is closed with the transport; a descriptor that somebody else closes is no crash, and
 * another's that got its number is left alone; standard streams stay open; terminals stay as they were.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { CancelledError } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { hasProgram, isOpen, makePipe, withFolder, withPipe } from './local_peers.js';
import { Recorder, withLoop } from './peers.js';
import { assertPrinted, root, runProcess, sourceOf } from './programs.js';

describe('a descriptor given to the loop', () => {
  leavesNothingOpen();

  it('must be for a pipe, a socket or a terminal', async () => {
    await withFolder((folder) =>
      withLoop(async (loop) => {
        const file = openSync(join(folder, 'file'), 'w+');
        const [directory, zero] = [openSync(folder, 'r'), openSync('/dev/zero', 'r+')];
        const expectReading = {
          name: 'TypeError',
          message: 'Pipe transport is for pipes/sockets only.',
        };
        const message = 'Pipe transport is only for pipes, sockets and character devices';
        for (const descriptor of [file, directory]) {
          await rejects(
            loop.connectReadPipe(() => new Recorder(), descriptor),
            expectReading,
          );
          await rejects(
            loop.connectWritePipe(() => new Recorder(), descriptor),
            { message },
          );
        }
        // A device that one never waits for.
        for (const connect of ['connectReadPipe', 'connectWritePipe'] as const) {
          const refused = loop[connect as 'connectReadPipe'](() => new Recorder(), zero);
          await rejects(refused, { code: 'EPERM', syscall: 'open' });
        }
        // What was refused still belongs to the caller.
        for (const descriptor of [file, directory, zero]) closeSync(descriptor);
        await rejects(
          loop.connectReadPipe(() => new Recorder(), file),
          { code: 'EBADF' },
        );
      }),
    );
  });

  it('must be open for the direction', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      await rejects(
        loop.connectReadPipe(() => new Recorder(), writing),
        { code: 'EBADF' },
      );
      await rejects(
        loop.connectWritePipe(() => new Recorder(), reading),
        { code: 'EBADF' },
      );
      ok(isOpen(reading) && isOpen(writing));
    });
  });

  it('must be a number or have one', async () => {
    await withLoop(async (loop) => {
      for (const pipe of [undefined, null, 'x', {}, { fd: 'x' }] as never[]) {
        throws(() => loop.connectReadPipe(() => new Recorder(), pipe), /^TypeError: pipe must be/);
        throws(() => loop.connectWritePipe(() => new Recorder(), pipe), TypeError);
        throws(() => loop.connectAcceptedSocket(() => new Recorder(), pipe), /^TypeError: socket/);
      }
      for (const pipe of [-1, 1.5, Number.NaN, 2 ** 31, { fd: -1 }]) {
        throws(() => loop.connectReadPipe(() => new Recorder(), pipe), RangeError);
      }
      throws(() => loop.connectReadPipe(7 as never, 0), TypeError);
    });
  });

  it('may be closed by somebody else: the transport has its own', async () => {
    await withPipe(async ({ loop, folder, reading, writing }) => {
      const sink = new Recorder();
      const source = new Recorder();
      const [input] = await loop.connectReadPipe(() => sink, reading);
      const [output] = await loop.connectWritePipe(() => source, writing);
      input.pauseReading();
      closeSync(reading);
      closeSync(writing);
      // Others get the numbers, and must keep them.
      const others = [openSync(join(folder, 'a'), 'w'), openSync(join(folder, 'b'), 'w')];
      deepEqual(others.sort(), [reading, writing].sort());
      input.resumeReading();
      output.write('hello');
      await sink.inbox.has(5);
      output.close();
      equal(await source.lost, null);
      equal(await sink.lost, null);
      await new Promise(setImmediate);
      for (const other of others) closeSync(other);
    });
  });

  it('closed at once after the call is an error or an end, and no crash', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      const sink = new Recorder();
      const pending = loop.connectReadPipe(() => sink, reading);
      closeSync(reading);
      closeSync(writing);
      await pending;
      equal(await sink.lost, null);
    });
  });

  it('one descriptor may serve both directions', async () => {
    await withFolder((folder) =>
      withLoop(async (loop) => {
        const path = join(folder, 'fifo');
        await once(spawn('mkfifo', [path]), 'exit');
        const both = openSync(path, 'r+');
        const sink = new Recorder();
        const source = new Recorder();
        const [input] = await loop.connectReadPipe(() => sink, both);
        const [output] = await loop.connectWritePipe(() => source, both);
        output.write('round trip');
        await sink.inbox.has(10);
        output.close();
        equal(await source.lost, null);
        input.close();
        equal(await sink.lost, null);
        equal(isOpen(both), false);
      }),
    );
  });

  it('is closed with the loop, and with a call that is cancelled', async () => {
    await withFolder(async (folder) => {
      const { reading, writing } = makePipe(folder);
      await withLoop(async (loop) => {
        await loop.connectReadPipe(() => new Recorder(), reading);
        const cancelled = loop.connectWritePipe(() => new Recorder(), writing);
        cancelled.cancel();
        await rejects(cancelled, CancelledError);
      });
      await new Promise(setImmediate);
      deepEqual([isOpen(reading), isOpen(writing)], [false, false]);
    });
  });

  it('a factory that throws, and a protocol that is none, leave it to the caller', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      const fail = () => {
        throw new Error('no protocol');
      };
      await rejects(loop.connectReadPipe(fail, reading), /no protocol/);
      await rejects(
        loop.connectReadPipe(() => ({}) as never, reading),
        TypeError,
      );
      await rejects(
        loop.connectWritePipe(() => ({}) as never, writing),
        TypeError,
      );
      ok(isOpen(reading) && isOpen(writing));
    });
  });
});

describe('standard streams and terminals', () => {
  leavesNothingOpen();

  it('standard input is read and standard output written, and both stay open', async () => {
    const outcome = await runProcess(
      async ({ newEventLoop }, { Recorder: Made, fs, childProcess }) => {
        // In a shell's pipeline, as `echo … | node …`.
        const open = (fd: number) => {
          try {
            return fs.fstatSync(fd).ino > 0;
          } catch {
            return false;
          }
        };
        if (process.env.UVIO_STAGE === undefined) {
          const script = 'echo hello | "$0" "$@" | cat';
          const all = ['-c', script, process.execPath, ...process.execArgv];
          const env = { ...process.env, UVIO_STAGE: 'inner' };
          childProcess.spawnSync('sh', all, { env, stdio: 'inherit' });
          return;
        }
        const loop = newEventLoop();
        const sink = new Made();
        const source = new Made();
        await loop.connectReadPipe(() => sink, process.stdin);
        const [output] = await loop.connectWritePipe(() => source, 1);
        await sink.lost;
        output.write(sink.inbox.text().toUpperCase());
        output.close();
        await source.lost;
        fs.writeSync(1, `${open(0)} ${open(1)}\n`);
      },
    );
    assertPrinted(outcome, 'HELLO', 'true true');
  });

  it('a write pipe that nothing is written to does not keep the process', async () => {
    const outcome = await runProcess(async ({ newEventLoop }, { Recorder: Made }) => {
      const loop = newEventLoop();
      const [transport] = await loop.connectWritePipe(() => new Made(), 1);
      transport.write('the end\n');
    });
    assertPrinted(outcome, 'the end');
  });

  it('a terminal is read and written, and is not made non-blocking for others', async function () {
    if (!hasProgram('python3')) this.skip();
    const program = sourceOf(async ({ newEventLoop }, { Recorder: Made, fs }) => {
      const loop = newEventLoop();
      const sink = new Made();
      const [input] = await loop.connectReadPipe(() => sink, 0);
      const [output] = await loop.connectWritePipe(() => new Made(), 1);
      output.write('ready\n');
      await sink.inbox.has(6);
      output.write(`got ${sink.inbox.text()}`);
      input.close();
      output.close();
      const flags = fs.readFileSync('/proc/self/fdinfo/0', 'latin1').match(/flags:\s*(\d+)/)?.[1];
      // O_NONBLOCK is 0o4000 on Linux.
      fs.writeSync(1, `blocking ${(Number.parseInt(flags as string, 8) & 0o4000) === 0}\n`);
    }, undefined);
    const script = [
      'import os, pty, sys',
      'pid, master = pty.fork()',
      'if pid == 0: os.execv(sys.argv[1], sys.argv[1:])',
      'output = b""',
      'while b"ready" not in output: output += os.read(master, 1000)',
      'os.write(master, b"hello\\n")',
      'try:',
      '    while True: output += os.read(master, 1000)',
      'except OSError: pass',
      'print(output.decode().replace("\\r", ""), end="")',
      'sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))',
    ].join('\n');
    const child = spawn('python3', ['-c', script, process.execPath, '--eval', program], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    const [code] = await once(child, 'close');
    equal(code, 0, output);
    // The terminal echoes what is typed.
    deepEqual(output.split('\n').sort(), ['', 'blocking true', 'got hello', 'hello', 'ready']);
  });
});
