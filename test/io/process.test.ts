/**
 * Programs as transports: subprocessExec and subprocessShell with real programs.
 *
 * Answers to asyncio's test_subprocess and uvloop's test_process. Guards: bytes go both ways, exit codes and
 * signals come back, and the exit and the ends of the pipes are separate events.
 */

import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { DEVNULL, type ReadTransport, STDOUT, type WriteTransport } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { randomData, sha256, withLoop } from './peers.js';
import {
  finished,
  inputOf,
  isRunning,
  ProcessRecorder,
  runProgram,
  runShell,
  startsPrograms,
} from './process_peers.js';

const record = () => new ProcessRecorder();

describe('a subprocess', () => {
  startsPrograms();
  leavesNothingOpen();

  it('gets its input, gives its output, and exits', () =>
    withLoop(async (loop) => {
      const [transport, protocol] = await loop.subprocessExec(record, 'cat');
      deepEqual(protocol.events, ['connectionMade']);
      equal(protocol.transport, transport);
      equal(transport.getReturncode(), null);
      ok(isRunning(transport.getPid()));
      inputOf(transport).write('hello ');
      inputOf(transport).write('world');
      inputOf(transport).writeEof();
      equal(await protocol.lost, null);
      equal(protocol.stdout.text(), 'hello world');
      equal(protocol.stderr.size, 0);
      equal(transport.getReturncode(), 0);
      equal(protocol.events.at(-1), 'connectionLost');
      deepEqual([...protocol.events].sort(), [
        'connectionLost',
        'connectionMade',
        'data 1',
        'lost 0',
        'lost 1',
        'lost 2',
        'processExited',
      ]);
      equal(isRunning(transport.getPid()), false);
    }));

  it('tells its exit code, or the signal that ended it', () =>
    withLoop(async (loop) => {
      for (const code of [0, 1, 7, 127, 255]) {
        equal((await runShell(loop, `exit ${code}`)).returncode, code);
      }
      const killed = await runShell(loop, 'kill -TERM $$');
      equal(killed.returncode, -15);
      const info = killed.transport.getExtraInfo('subprocess');
      deepEqual([info.returncode, info.signal], [-15, 'SIGTERM']);
      equal((await runShell(loop, 'kill -KILL $$')).returncode, -9);
    }));

  it('is described by getExtraInfo() and in words', () =>
    withLoop(async (loop) => {
      const [transport, protocol] = await loop.subprocessExec(record, 'cat', ['-u'], {
        stderr: DEVNULL,
      });
      const info = transport.getExtraInfo('subprocess');
      equal(info.pid, transport.getPid());
      deepEqual([info.spawnfile, info.spawnargs], ['cat', ['cat', '-u']]);
      deepEqual([info.returncode, info.signal, info.resourceUsage], [null, null, null]);
      match(
        String(transport),
        /^<SubprocessTransport pid=\d+ running stdin=<\w+ open .*> stdout=<\w+ open .*>>$/,
      );
      equal(transport.getExtraInfo('peername'), undefined);
      equal(transport.getExtraInfo('nothing', 5), 5);
      equal(transport.getProtocol(), protocol);
      inputOf(transport).close();
      await protocol.lost;
      match(String(transport), /^<SubprocessTransport pid=\d+ returncode=0 stdin=<.*closed/);
      equal(transport.isClosing(), false);
    }));

  it('tells what it has used', () =>
    withLoop(async (loop) => {
      const { transport } = await runProgram(loop, 'python3', ['-c', 'sum(range(3000000))']);
      const usage = transport.getExtraInfo('subprocess').resourceUsage;
      ok(usage !== null && usage.userTime > 1, `${usage?.userTime} ms`);
      ok(usage.userTime < 60_000 && usage.systemTime >= 0);
      ok(usage.maxRss > 1_000_000, `${usage.maxRss} bytes`);
    }));

  it('takes and gives four megabytes at once', () =>
    withLoop(async (loop) => {
      const data = randomData(4 * 1024 * 1024);
      const [transport, protocol] = await loop.subprocessExec(record, 'cat');
      inputOf(transport).write(data);
      inputOf(transport).close();
      await protocol.lost;
      equal(sha256(protocol.stdout.bytes()), sha256(data));
      ok(protocol.events.indexOf('pauseWriting') > 0);
      ok(protocol.events.indexOf('resumeWriting') > protocol.events.indexOf('pauseWriting'));
    }));

  it('is stopped by a paused pipe', () =>
    withLoop(async (loop) => {
      const program =
        'import sys; sys.stdout.buffer.write(bytes(300000)); sys.stdout.flush(); sys.stderr.write("done")';
      class Paused extends ProcessRecorder {
        override connectionMade(transport: never): void {
          super.connectionMade(transport);
          (this.transport.getPipeTransport(1) as ReadTransport<string>).pauseReading();
        }
      }
      const [transport, protocol] = await loop.subprocessExec(
        () => new Paused(),
        'python3',
        ['-c', program],
        { stdin: DEVNULL },
      );
      const output = transport.getPipeTransport(1) as ReadTransport<string>;
      for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
      deepEqual([protocol.stdout.size, protocol.stderr.size], [0, 0]);
      output.resumeReading();
      await protocol.lost;
      deepEqual([protocol.stdout.size, protocol.stderr.text()], [300_000, 'done']);
    }));

  it('has stderr with stdout, in the order of writing', () =>
    withLoop(async (loop) => {
      const script = 'echo one; echo two >&2; echo three';
      const both = await runShell(loop, script, { stderr: STDOUT });
      equal(both.stdout, 'one\ntwo\nthree\n');
      equal(both.transport.getPipeTransport(2), null);
      const apart = await runShell(loop, script);
      deepEqual([apart.stdout, apart.stderr], ['one\nthree\n', 'two\n']);
    }));

  it('may have nothing on its streams', () =>
    withLoop(async (loop) => {
      const options = { stdin: DEVNULL, stdout: DEVNULL, stderr: DEVNULL };
      const { protocol, transport, returncode } = await runShell(
        loop,
        'cat; echo x; exit 3',
        options,
      );
      equal(returncode, 3);
      deepEqual(protocol.events, ['connectionMade', 'processExited', 'connectionLost']);
      equal(transport.getPipeTransport(0), null);
      equal(transport.getPipeTransport(77), null);
    }));

  it('is run by the shell', () =>
    withLoop(async (loop) => {
      const started = loop.subprocessShell(record, 'read line; echo "<$line>"; exit 5');
      const [transport, protocol] = await started;
      inputOf(transport).write('hello\n');
      await protocol.lost;
      deepEqual([protocol.stdout.text(), transport.getReturncode()], ['<hello>\n', 5]);
    }));

  it('that has exited is told of while a grandchild holds its output', () =>
    withLoop(async (loop) => {
      const script = 'sleep 1000 & echo $!; exit 4';
      const [transport, protocol] = await loop.subprocessShell(record, script, { stdin: DEVNULL });
      await protocol.exited;
      equal(transport.getReturncode(), 4);
      await protocol.stdout.has(2);
      const grandchild = Number(protocol.stdout.text());
      ok(isRunning(grandchild));
      equal(protocol.events.includes('connectionLost'), false);
      process.kill(grandchild, 'SIGKILL');
      equal(await protocol.lost, null);
    }));

  it('that closes its output long before it exits', () =>
    withLoop(async (loop) => {
      const script = 'exec >&- 2>&-; read line; exit 6';
      const [transport, protocol] = await loop.subprocessShell(record, script);
      while (!protocol.events.includes('lost 2')) await new Promise(setImmediate);
      ok(protocol.events.includes('lost 1'));
      equal(transport.getReturncode(), null);
      inputOf(transport).write('go\n');
      await protocol.lost;
      equal(transport.getReturncode(), 6);
    }));

  it('whose input nobody reads tells that the pipe is broken', () =>
    withLoop(async (loop) => {
      const [transport, protocol] = await loop.subprocessShell(
        record,
        'read line; exec <&-; echo closed; exec sleep 1000',
      );
      inputOf(transport).write(Buffer.alloc(1_000_000, '\n'));
      await protocol.stdout.has(7);
      while (!protocol.events.some((event) => event.startsWith('lost 0'))) {
        await new Promise(setImmediate);
      }
      ok(protocol.events.some((event) => event.startsWith('lost 0') && event.includes('EPIPE')));
      transport.kill();
      await protocol.lost;
    }));

  it('may be of a protocol that is a plain object, or changes', () =>
    withLoop(async (loop) => {
      const second = new ProcessRecorder();
      const plain = {
        connectionMade() {},
        pipeDataReceived() {},
        pipeConnectionLost() {},
        processExited() {},
        connectionLost() {},
      };
      const [transport] = await loop.subprocessExec(() => plain as never, 'cat');
      transport.setProtocol(second);
      inputOf(transport).write('x');
      inputOf(transport).close();
      await second.lost;
      equal(second.stdout.text(), 'x');
      throws(() => transport.setProtocol({} as never), TypeError);
    }));

  it('has further pipes, which go both ways', () =>
    withLoop(async (loop) => {
      const script = 'read line <&5; echo "got $line" >&5; echo three >&3';
      const options = { fds: { 3: -1, 5: -1 }, stdin: DEVNULL };
      const [transport, protocol] = await loop.subprocessShell(record, script, options);
      (transport.getPipeTransport(5) as WriteTransport<string>).write('five\n');
      await protocol.lost;
      ok(
        protocol.stdout.text().includes('got five\n') && protocol.stdout.text().includes('three\n'),
      );
      ok(protocol.events.includes('data 3') && protocol.events.includes('data 5'));
      ok(protocol.events.includes('lost 3') && protocol.events.includes('lost 5'));
    }));

  it('reports what its protocol throws, and goes on', () =>
    withLoop(async (loop, reports) => {
      class Broken extends ProcessRecorder {
        override pipeDataReceived(): void {
          throw new Error('broken');
        }
      }
      const { returncode } = await finished(
        loop.subprocessExec(() => new Broken(), 'echo', ['x'], { stdin: DEVNULL }),
      );
      equal(returncode, 0);
      deepEqual(
        reports.splice(0).map((report) => String(report.exception)),
        ['Error: broken'],
      );
    }));
});
