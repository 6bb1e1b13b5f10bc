/**
 * Warnings of what was not closed: transports that a closing loop finds open, loops that the process leaves.
 */

import { deepEqual, equal, match } from 'node:assert/strict';
import { errorsOf, mainErrors } from '../core/debug_programs.js';
import { leavesNothingOpen } from '../support.js';

const CONNECTED = `
  const server = await loop.createServer(() => new uvio.Protocol(), '127.0.0.1', 0);
  const { port } = server.sockets[0].getsockname();
  const connect = () => loop.createConnection(() => new uvio.Protocol(), '127.0.0.1', port);
  const [transport] = await connect();
  const [endpoint] = await loop.createDatagramEndpoint(() => new uvio.DatagramProtocol(),
    { localAddr: ['127.0.0.1', 0] });`;

const warnings = (errors: string) =>
  errors.split('\n').filter((line) => line.startsWith('ResourceWarning'));

describe('what was not closed', () => {
  leavesNothingOpen();

  it('is warned of when the loop closes: transports of all kinds', async () => {
    const errors = await mainErrors(`${CONNECTED} await sleep(5);`, {
      debug: '{ unclosed: true, creationStacks: true }',
    });
    deepEqual(warnings(errors).sort(), [
      'ResourceWarning: unclosed transport <TcpTransport open bufsize=0>',
      'ResourceWarning: unclosed transport <TcpTransport open bufsize=0>',
      'ResourceWarning: unclosed transport <UdpTransport open bufsize=0>',
    ]);
    // The two that somebody asked for; the third was accepted.
    equal(errors.match(/\nObject created at \(most recent call last\):\n {2}at /g)?.length, 2);
  });

  it('is not warned of when it is closed or closing, or when nobody wants it', async () => {
    const closed = `${CONNECTED} transport.close(); endpoint.close(); server.abortClients(); server.close();`;
    equal(await mainErrors(closed, { debug: '{ unclosed: true }' }), '');
    equal(await mainErrors(CONNECTED, { debug: 'false' }), '');
  });

  it('is warned of when the process ends: loops', async () => {
    const open = `const loop = uvio.newEventLoop(); loop.setDebug(true);`;
    const text =
      'ResourceWarning: unclosed event loop <EventLoop running=false closed=false debug=true>';
    match(await errorsOf(open), new RegExp(`^${text}\n`));
    equal(await errorsOf(`${open} loop.close();`), '');
    equal(await errorsOf(`uvio.newEventLoop();`), '');
    // Nobody has made the thread's own loop, so nobody has to close it.
    equal(await errorsOf(`uvio.getEventLoop();`, { env: { UVIO_DEBUG: '1' } }), '');
    match(
      await errorsOf(`uvio.newEventLoop();`, { env: { UVIO_DEBUG: '1' } }),
      /^ResourceWarning: .*\nObject created at/,
    );
  });
});
