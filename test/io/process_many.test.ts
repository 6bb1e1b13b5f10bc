/**
 * Many children at once, and children beside others: of another loop, of child_process, of each other.
 *
 * Guards: nothing of thousands is left behind, starts are taken in turn, child_process keeps working with its
 * SIGCHLD handler, and a transport that goes over to a child carries its bytes there.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { DEVNULL, PIPE } from 'uvio';
import { census, leavesNothingOpen } from '../support.js';
import { withLoop } from './peers.js';
import { children, ProcessRecorder, runProgram, startsPrograms, until } from './process_peers.js';

const record = () => new ProcessRecorder();

describe('many children', () => {
  startsPrograms();
  leavesNothingOpen();

  it('5,000 at a concurrency of 200 leave no zombie, descriptor or handle', async function () {
    this.timeout(240_000);
    await withLoop(async (loop) => {
      const [all, concurrency] = [5000, 200];
      // The first pipe of a loop opens a descriptor that stays.
      await runProgram(loop, 'true');
      const before = census().descriptors;
      let left = all;
      let ended = 0;
      const work = async () => {
        while (left-- > 0) {
          const options = { stdin: DEVNULL, stderr: DEVNULL };
          const [transport, protocol] = await loop.subprocessExec(record, 'echo', ['x'], options);
          await protocol.lost;
          if (transport.getReturncode() === 0 && protocol.stdout.text() === 'x\n') ended++;
        }
      };
      await Promise.all(Array.from({ length: concurrency }, work));
      equal(ended, all);
      deepEqual(children(), []);
      await until(() => census().descriptors === before, 'the descriptors to be closed');
    });
  });

  it('of one loop do not keep those of another waiting', async function () {
    this.timeout(120_000);
    await withLoop(async (loop) => {
      const options = { stdin: DEVNULL, stdout: DEVNULL, stderr: DEVNULL };
      // To look through so many folders takes a thread some milliseconds, and this one none.
      const env = { PATH: `${'/missing:'.repeat(4000)}${process.env.PATH}` };
      const many = Array.from({ length: 200 }, () =>
        loop.subprocessExec(record, 'true', [], { ...options, env }),
      );
      let another = 0;
      await withLoop(async (other) => {
        const [transport, protocol] = await other.subprocessExec(record, 'true', [], options);
        another = transport.getPid();
        await protocol.lost;
      });
      let later = 0;
      for (const one of many) {
        const [transport, protocol] = await one;
        if (transport.getPid() > another) later++;
        await protocol.lost;
      }
      // In one queue it would be the last, or among the last that threads start at a time.
      ok(later > 20, `${later} of ${many.length} were started later`);
    });
  });

  it('and those of child_process do not disturb each other', async function () {
    this.timeout(60_000);
    await withLoop(async (loop) => {
      const rounds = 60;
      const theirs = async (code: number) => {
        const exit = await new Promise((resolve) => {
          execFile('sh', ['-c', `echo ${code}; exit ${code}`], (error, stdout) =>
            resolve([error?.code ?? 0, stdout]),
          );
        });
        deepEqual(exit, [code, `${code}\n`]);
      };
      const ours = async (code: number) => {
        const [transport, protocol] = await loop.subprocessShell(
          record,
          `echo ${code}; exit ${code}`,
        );
        await protocol.lost;
        deepEqual([transport.getReturncode(), protocol.stdout.text()], [code, `${code}\n`]);
      };
      const work = async () => {
        for (let round = 0; round < rounds; round++)
          await Promise.all([theirs(round), ours(round)]);
      };
      await Promise.all([work(), work(), work()]);
      deepEqual(children(), []);
    });
  });

  it('are joined by a transport that goes over to a child', () =>
    withLoop(async (loop) => {
      class Paused extends ProcessRecorder {
        override connectionMade(transport: never): void {
          super.connectionMade(transport);
          (this.transport.getPipeTransport(1) as { pauseReading(): void }).pauseReading();
        }
      }
      const script = 'printf "b\\na\\n"; test -t 0; cat';
      const [first, one] = await loop.subprocessShell(() => new Paused(), script);
      const output = first.getPipeTransport(1) as never;
      const options = { stdin: output, stdout: PIPE };
      const [second, two] = await loop.subprocessExec(record, 'sort', [], options);
      equal(second.getPipeTransport(0), null);
      first.getPipeTransport(0)?.close();
      await Promise.all([one.lost, two.lost]);
      equal(two.stdout.text(), 'a\nb\n');
      equal(one.stdout.size, 0);
      throws(() => loop.subprocessExec(record, 'cat', [], { stdin: output }), /is closed/);
    }));

  it('a transport stays when the start fails', () =>
    withLoop(async (loop) => {
      const [first, one] = await loop.subprocessExec(record, 'cat');
      const output = first.getPipeTransport(1) as never;
      await rejects(loop.subprocessExec(record, 'no-such', [], { stdin: output }), {
        code: 'ENOENT',
      });
      (first.getPipeTransport(0) as never as { write(data: string): void }).write('still here');
      first.getPipeTransport(0)?.close();
      await one.lost;
      equal(one.stdout.text(), 'still here');
    }));
});
