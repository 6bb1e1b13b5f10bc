/**
 * Standard input, output and error as pipes, and both sides of a terminal.
 *
 * Guards: standard streams stay open, and do not keep the process; a terminal that others share is not
 * made non-blocking; the end of a terminal is end-of-file. Terminals come from Python's pty.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { leavesNothingOpen } from '../support.js';
import { hasProgram } from './local_peers.js';
import { assertPrinted, root, runProcess, sourceOf } from './programs.js';

/** Runs a script that gets the command line of a program of ours; its exit code and output. */
async function runPython(program: string, script: string[]): Promise<[number | null, string]> {
  const child = spawn('python3', ['-c', script.join('\n'), process.execPath, '--eval', program], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 20_000,
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  const [code] = await once(child, 'close');
  return [code, output];
}

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
    const [code, output] = await runPython(program, [
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
    ]);
    equal(code, 0, output);
    // The terminal echoes what is typed.
    deepEqual(output.split('\n').sort(), ['', 'blocking true', 'got hello', 'hello', 'ready']);
  });

  for (const [when, waiting] of Object.entries({
    'at once': 'pass',
    later: 'os.read(slave, 100)',
  })) {
    it(`the master's side of a terminal ends when the other side is closed ${when}`, async function () {
      if (!hasProgram('python3')) this.skip();
      const program = sourceOf(async ({ newEventLoop }, { Recorder: Made }) => {
        const loop = newEventLoop();
        const sink = new Made({ dataReceived: () => output.write('seen\n') });
        const source = new Made();
        await loop.connectReadPipe(() => sink, 3);
        const [output] = await loop.connectWritePipe(() => source, 3);
        output.write('typed\n');
        const error = await sink.lost;
        console.log(sink.events.join(' '), error);
        console.log(JSON.stringify(sink.inbox.text()));
        output.close();
        await source.lost;
      }, undefined);
      const [code, output] = await runPython(program, [
        'import os, subprocess, sys, tty',
        'master, slave = os.openpty()',
        'tty.setraw(slave)',
        'os.dup2(master, 3)',
        'child = subprocess.Popen(sys.argv[1:], pass_fds=[3])',
        'typed = os.read(slave, 100)',
        'os.write(slave, b"shown " + typed)',
        waiting,
        'os.close(slave)',
        'sys.exit(child.wait())',
      ]);
      equal(code, 0, output);
      const events = 'connectionMade dataReceived eofReceived connectionLost null';
      deepEqual(output.split('\n'), [events, '"shown typed\\n"', '']);
    });
  }
});
