/**
 * The sock… methods, and sockets given to transports, against CPython: what each gives, in which order.
 *
 * Each test is the twin of the function of that name in scenarios/sockets.py.
 */

import { Protocol, SOCK_DGRAM, Socket, sleep } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { bound, end, failure, pair, transports } from './socket_ends.js';
import { theme } from './stage.js';

describe('sockets, as in asyncio', () => {
  leavesNothingOpen();
  const { sameTask } = theme('sockets');

  sameTask('a call asks at once', 'asks_at_once', async ({ loop, log }) => {
    const [near, far] = await pair(loop);
    loop.callSoon(log, 'scheduled before sending');
    await loop.sockSendall(near, 'hello');
    log('sent');
    await sleep(0);
    loop.callSoon(log, 'scheduled before receiving');
    log('received', String(await loop.sockRecv(far, 3)));
    const memory = Buffer.alloc(9);
    log('received', await loop.sockRecvInto(far, memory), memory.toString('latin1', 0, 2));
    near.close();
    log('end', (await loop.sockRecv(far, 10)).length);
    far.close();
  });

  sameTask('a call waits until the socket is ready', 'waits_until_ready', async (stage) => {
    const { loop, log } = stage;
    const [near, far] = await pair(loop);
    const task = loop.createTask(async () => {
      log('receiving');
      log('received', String(await loop.sockRecv(far, 10)));
    });
    await sleep(0);
    log('sending');
    await loop.sockSendall(near, 'data');
    log('sent');
    await task;
    near.close();
    far.close();
  });

  sameTask('a cancelled call takes nothing', 'cancelled_receive', async (stage) => {
    const { loop, log } = stage;
    const [near, far] = await pair(loop);
    const task = loop.createTask(async () => loop.sockRecv(far, 10));
    await sleep(0);
    task.cancel();
    await failure(stage, 'cancelled', () => task);
    await loop.sockSendall(near, 'kept');
    log('received', String(await loop.sockRecv(far, 10)));
    near.close();
    far.close();
  });

  sameTask('a refused connection says so', 'refused_connection', async (stage) => {
    const nobody = bound();
    const address = nobody.getsockname();
    nobody.close();
    using client = new Socket();
    await failure(stage, 'connect', () => stage.loop.sockConnect(client, address));
  });

  sameTask('a socket that is not connected says so', 'closed_sockets', async (stage) => {
    using unconnected = new Socket();
    await failure(stage, 'not connected', () => stage.loop.sockRecv(unconnected, 1));
    await failure(stage, 'not listening', () => stage.loop.sockAccept(unconnected));
  });

  sameTask('datagrams have addresses', 'datagrams', async ({ loop, log }) => {
    using one = bound(SOCK_DGRAM);
    using two = bound(SOCK_DGRAM);
    log('sent', await loop.sockSendto(one, 'hello', two.getsockname()));
    const [data, address] = await loop.sockRecvfrom(two, 100);
    log(String(data), address.port === one.getsockname().port);
    const memory = Buffer.alloc(10);
    await loop.sockSendto(two, 'an answer', address);
    const [size, from] = await loop.sockRecvfromInto(one, memory, 4);
    log(size, memory.toString('latin1', 0, size), from.port === two.getsockname().port);
  });

  sameTask('transports take sockets over', 'given_to_transports', async (stage) => {
    const [near, far] = await pair(stage.loop);
    const { client, server } = await transports(stage, [near, far]);
    const received = server.has(5);
    client.transport.write('hello');
    await received;
    await end({ client, server });
    stage.log('closed', near.fileno(), far.fileno());
  });

  sameTask('an address and a socket are too much', 'refused_sockets', async (stage) => {
    const { loop } = stage;
    const factory = () => new Protocol();
    using sock = new Socket();
    const both = { sock };
    const fails = (what: string, call: () => PromiseLike<unknown>) => failure(stage, what, call);
    await fails('both', () => loop.createConnection(factory, '127.0.0.1', 1, both));
    await fails('neither', () => loop.createConnection(factory));
    await fails('both', () => loop.createServer(factory, '127.0.0.1', 1, both));
    await fails('both', () => loop.createUnixConnection(factory, 'x', both));
    await fails('neither', () => loop.createUnixConnection(factory));
    await fails('both', () => loop.createUnixServer(factory, 'x', both));
  });
});
