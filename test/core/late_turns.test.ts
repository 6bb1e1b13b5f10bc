/**
 * Late turns: what is told when something outside of the loop has kept the thread, and at which level.
 *
 * The thread is kept busy for longer than what is asserted, so that a busy machine can only add to it.
 */

import { equal, match, ok } from 'node:assert/strict';
import { leavesNothingOpen } from '../support.js';
import { mainErrors } from './debug_programs.js';

describe('late turns', () => {
  leavesNothingOpen();

  it('are told with how long was waited: info when a second late, else debug', async () => {
    const errors = await mainErrors(
      `uvio.logger.level = 'debug';
       setTimeout(() => block(200), 1);
       await sleep(20);
       await sleep(1);
       uvio.logger.level = 'info';
       process.stderr.write('info only\\n');
       setTimeout(() => block(200), 1);
       await sleep(20);
       await sleep(1);
       setTimeout(() => block(1100), 1);
       await sleep(20);`,
      { debug: '{ slowIo: true }' },
    );
    /** How late each was that is told of, in milliseconds. */
    const [all, very] = errors
      .split('info only')
      .map((text) =>
        [...text.matchAll(/^poll (\d+\.\d{3}) ms took (\d+\.\d{3}) ms: timeout$/gm)].map(
          ([, wanted, waited]) => Number(waited) - Number(wanted),
        ),
      ) as [number[], number[]];
    ok(all.length > 0 && all.every((late) => late >= 100), errors);
    ok(very.length > 0 && very.every((late) => late >= 1000), errors);
  });

  it('are told with the events that had come meanwhile', async () => {
    const errors = await mainErrors(
      `const server = await loop.createServer(() => new uvio.Protocol(), '127.0.0.1', 0);
       const { port } = server.sockets[0].getsockname();
       const { connect } = await import('node:net');
       const peer = connect(port, '127.0.0.1');
       await new Promise((resolve) => peer.once('connect', resolve));
       await sleep(50);
       // Node writes at once, so that the loop finds the byte.
       setTimeout(() => { peer.write('x'); block(1100); }, 1);
       await sleep(20);
       peer.destroy();
       server.close();
       server.closeClients();`,
      { debug: '{ slowIo: true }' },
    );
    match(errors, /^poll \d+\.\d{3} ms took \d{4}\.\d{3} ms: [1-9] events$/m);
  });

  it('are not there where nothing is late', async () => {
    const errors = await mainErrors(
      `loop.slowCallbackDuration = 60_000;
       uvio.logger.level = 'debug';
       setTimeout(() => block(200), 1);
       await sleep(20);
       await sleep(20);`,
      { debug: '{ slowIo: true }' },
    );
    equal(errors, '');
  });
});
