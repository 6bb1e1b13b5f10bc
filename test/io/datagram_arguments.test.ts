/**
 * What datagram endpoints are given: errors of the caller are thrown at the call, and name the argument.
 */

import { rejects, throws } from 'node:assert/strict';
import { DatagramProtocol, IPPROTO_TCP, IPPROTO_UDP, newEventLoop } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { addressOf, closeAll, endpoint } from './datagram_peers.js';
import { withLoop } from './peers.js';

const LOOPBACK = { localAddr: ['127.0.0.1', 0] } as const;

describe('arguments of datagram endpoints', () => {
  leavesNothingOpen();

  it('sendto checks what it is given', () =>
    withLoop(async (loop) => {
      const free = await endpoint(loop);
      const to = addressOf(free);
      const connected = await endpoint(loop, { remoteAddr: to });
      const send = (data: unknown, addr?: unknown) => () =>
        free.transport.sendto(data as never, addr as never);
      throws(send('x'), /^TypeError.*: addr must be an address, since the socket is not connected/);
      throws(send('x', null), { name: 'TypeError' });
      for (const value of ['127.0.0.1', 9, [], {}, [9, '127.0.0.1'], { address: 1, port: 1 }]) {
        throws(send('x', value), { name: 'TypeError', message: /^addr must be/ });
      }
      throws(send('x', ['localhost', 9]), /addr must be a numeric address, not a name/);
      throws(
        send('x', ['127.0.0.1', 65_536]),
        /the port of addr must be an integer from 0 to 65535/,
      );
      for (const value of [undefined, null, 1, {}]) throws(send(value, to), { name: 'TypeError' });
      throws(() => connected.transport.sendto('x', ['127.0.0.1', 9]), {
        name: 'RangeError',
        message: `Invalid address: must be None or ('127.0.0.1', ${to.port})`,
      });
      await closeAll(free, connected);
    }));

  it('createDatagramEndpoint checks what it is given', () =>
    withLoop(async (loop) => {
      const factory = () => new DatagramProtocol();
      const open =
        (options?: unknown, made: unknown = factory) =>
        () =>
          loop.createDatagramEndpoint(made as never, options as never);
      throws(open({}, 1), /protocolFactory must be a function/);
      throws(open(), /family must be 4 or 6 when there is no address, got 0/);
      throws(open(1), /options must be an object/);
      throws(open({ family: 5 }), /family must be 0, 4 or 6/);
      throws(open({ localAddr: ['127.0.0.1\0.example', 0] }), /localAddr must be without zero/);
      throws(open({ localAddr: 'x' }), /localAddr must be a pair \[host, port\] or an address/);
      throws(open({ localAddr: ['x', -1] }), /the port of localAddr must be an integer/);
      throws(open({ remoteAddr: null }), /remoteAddr must be a pair/);
      throws(open({ family: 4, proto: IPPROTO_TCP }), /proto must be 0 or IPPROTO_UDP \(17\)/);
      throws(open({ family: 4, reusePort: 1 }), /reusePort must be a boolean/);
      throws(open({ family: 4, allowBroadcast: 1 }), /allowBroadcast must be a boolean/);
      throws(open({ family: 4, signal: 1 }), /signal must be an AbortSignal/);
      for (const protocol of [undefined, {}, { connectionMade() {}, connectionLost() {} }]) {
        await rejects(
          async () => open({ family: 4 }, () => protocol)(),
          /must be a DatagramProtocol/,
        );
      }
      const opened = await endpoint(loop, { family: 4, proto: IPPROTO_UDP });
      throws(() => opened.transport.setProtocol({} as never), /must be a DatagramProtocol/);
      throws(() => loop.addReader(opened.transport.getExtraInfo('socket'), () => {}), {
        message: /^File descriptor \d+ is used by transport <UdpTransport open bufsize=0>$/,
      });
      await closeAll(opened);
      const closed = newEventLoop();
      closed.close();
      throws(() => closed.createDatagramEndpoint(factory, LOOPBACK), /Event loop is closed/);
    }));
});
