/**
 * Signals to subprocesses, and close().
 *
 * Guards: a signal reaches the program and nothing else, one that has gone is never signalled, and close() kills
 * whenever it is called.
 */

import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { leavesNothingOpen } from '../support.js';
import { withLoop } from './peers.js';
import { inputOf, ProcessRecorder, startsPrograms } from './process_peers.js';

const record = () => new ProcessRecorder();

describe('a subprocess', () => {
  startsPrograms();
  leavesNothingOpen();

  it('is signalled, terminated, killed', () =>
    withLoop(async (loop) => {
      const script = 'trap "echo usr1; exit 9" USR1; echo ready; while :; do sleep 0.01; done';
      const [transport, protocol] = await loop.subprocessShell(record, script);
      await protocol.stdout.has(6);
      transport.sendSignal('SIGUSR1');
      await protocol.lost;
      deepEqual([protocol.stdout.text(), transport.getReturncode()], ['ready\nusr1\n', 9]);
      for (const [method, code] of [
        ['terminate', -15],
        ['kill', -9],
      ] as const) {
        const [sleeping, its] = await loop.subprocessExec(record, 'sleep', ['1000']);
        sleeping[method]();
        await its.lost;
        equal(sleeping.getReturncode(), code);
      }
      throws(() => transport.sendSignal('SIGNOTHING' as never), RangeError);
      throws(() => transport.sendSignal(0), RangeError);
    }));

  it('that has gone is not signalled any more, whatever has its number', () =>
    withLoop(async (loop) => {
      class Late extends ProcessRecorder {
        override processExited(): void {
          super.processExited();
          this.transport.kill();
        }
      }
      const [transport, protocol] = await loop.subprocessExec(() => new Late(), 'true');
      await protocol.lost;
      equal(transport.getReturncode(), 0);
      const gone = { code: 'ESRCH', syscall: 'kill' };
      throws(() => transport.kill(), gone);
      throws(() => transport.terminate(), gone);
      throws(() => transport.sendSignal('SIGUSR1'), gone);
    }));

  it('is killed by close(), which closes the pipes', () =>
    withLoop(async (loop) => {
      const [transport, protocol] = await loop.subprocessExec(record, 'sleep', ['1000']);
      const input = inputOf(transport);
      transport.close();
      transport.close();
      ok(transport.isClosing() && input.isClosing());
      equal(await protocol.lost, null);
      equal(transport.getReturncode(), -9);
      deepEqual(protocol.events.slice(0, 4), ['connectionMade', 'lost 0', 'lost 1', 'lost 2']);
    }));

  it('may be closed, killed and exit at once', () =>
    withLoop(async (loop) => {
      for (let round = 0; round < 50; round++) {
        const [transport, protocol] = await loop.subprocessExec(record, 'true');
        for (let turn = 0; turn < round; turn++) await new Promise(setImmediate);
        if (transport.getReturncode() === null) transport.kill();
        transport.close();
        equal(await protocol.lost, null);
        ok([0, -9].includes(transport.getReturncode() as number));
      }
    }));
});
