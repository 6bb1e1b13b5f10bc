/**
 * What the loop's functions that open something have in common.
 *
 * Guards: one whose signal has aborted does nothing, and leaves what it was given to the caller.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { existsSync, fstatSync } from 'node:fs';
import { join } from 'node:path';
import { CancelledError, type EventLoop, Socket, SubprocessProtocol } from 'uvio';
import { withFifo } from '../io/fifo.js';
import { withFolder } from '../io/local_peers.js';
import { withLoop } from '../io/peers.js';
import { runProgram, startsPrograms } from '../io/process_peers.js';
import { leavesNothingOpen } from '../support.js';

const aborted = { signal: AbortSignal.abort(new Error('too late')) };

describe('opening with a signal that has aborted', () => {
  startsPrograms();
  leavesNothingOpen();

  it('starts no program', () =>
    withFolder((folder) =>
      withLoop(async (loop) => {
        const make = () => new SubprocessProtocol();
        const names = Array.from({ length: 20 }, (_, index) => join(folder, String(index)));
        for (const name of names) {
          const starting = loop.subprocessExec(make, 'touch', [name], aborted);
          await rejects(starting, { constructor: CancelledError, message: 'too late' });
        }
        // One that starts after them and ends.
        await runProgram(loop, 'true');
        deepEqual(names.filter(existsSync), []);
      }),
    ));

  it('makes no protocol, and takes neither descriptor nor socket', () =>
    withLoop((loop) =>
      withFifo(async ({ both }) => {
        const make = () => {
          throw new Error('a protocol that nobody wants');
        };
        using sock = new Socket();
        sock.bind(['127.0.0.1', 0]);
        const open: ((loop: EventLoop) => PromiseLike<unknown>)[] = [
          () => loop.connectReadPipe(make, both, aborted),
          () => loop.connectWritePipe(make, both, aborted),
          () => loop.createServer(make, null, null, { sock, ...aborted }),
          () => loop.createConnection(make, null, null, { sock, ...aborted }),
          () => loop.createDatagramEndpoint(make, { family: 4, ...aborted }),
        ];
        for (const each of open) await rejects(async () => each(loop), CancelledError);
        ok(fstatSync(both).isFIFO());
        equal(sock.getsockname().address, '127.0.0.1');
      }),
    ));
});
