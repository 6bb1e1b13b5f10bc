/**
 * Options of datagram sockets: multicast on loopback, hops, buffers.
 *
 * Guards: each option reaches the system, and what the system refuses is an error with its name.
 */

import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import type { DatagramSocket, SocketAddress } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { addressOf, closeAll, type DatagramRecorder, endpoint } from './datagram_peers.js';
import { withLoop } from './peers.js';

const GROUP = '239.255.76.86';
const LOOPBACK = '127.0.0.1';

function socketOf(protocol: DatagramRecorder): DatagramSocket {
  return protocol.transport.getExtraInfo('socket');
}

describe('options of datagram sockets', () => {
  leavesNothingOpen();

  it('multicast reaches those who joined, and no more when they have left', () =>
    withLoop(async (loop) => {
      const member = await endpoint(loop, { localAddr: ['0.0.0.0', 0] });
      const sender = await endpoint(loop, { localAddr: [LOOPBACK, 0] });
      socketOf(sender).setMulticastInterface(LOOPBACK);
      socketOf(sender).setMulticastTTL(0);
      socketOf(sender).setMulticastLoopback(true);
      const to = [GROUP, addressOf(member).port] as const;
      // Datagrams of one sender arrive in order, so a later one proves that an earlier one did not come.
      const direct = [LOOPBACK, addressOf(member).port] as const;
      sender.transport.sendto('before', to);
      sender.transport.sendto('direct', direct);
      socketOf(member).addMembership(GROUP, LOOPBACK);
      sender.transport.sendto('joined', to);
      deepEqual([await member.text(), await member.text()], ['direct', 'joined']);
      socketOf(member).dropMembership(GROUP, LOOPBACK);
      sender.transport.sendto('after', to);
      sender.transport.sendto('direct', direct);
      equal(await member.text(), 'direct');
      await closeAll(member, sender);
    }));

  it('names and numbers of a socket', () =>
    withLoop(async (loop) => {
      const server = await endpoint(loop);
      const client = await endpoint(loop, { remoteAddr: addressOf(server) });
      deepEqual(socketOf(client).getpeername(), addressOf(server));
      deepEqual(socketOf(client).getsockname(), addressOf(client) as SocketAddress);
      ok(socketOf(client).fileno() > 2);
      throws(() => socketOf(server).getpeername(), { code: 'ENOTCONN', syscall: 'getpeername' });
      equal(client.transport.getExtraInfo('nothing', 'fallback'), 'fallback');
      await closeAll(server, client);
      throws(() => socketOf(client).getsockname(), { code: 'EBADF' });
    }));

  it('buffers can be set', () =>
    withLoop(async (loop) => {
      const server = await endpoint(loop);
      const socket = socketOf(server);
      const before = socket.getRecvBufferSize();
      // Linux takes twice what it is asked for.
      socket.setRecvBufferSize(Math.floor(before / 4));
      ok(socket.getRecvBufferSize() < before);
      socket.setSendBufferSize(8192);
      ok(socket.getSendBufferSize() >= 8192);
      await closeAll(server);
    }));

  it('wrong values are refused, by us or by the system', () =>
    withLoop(async (loop) => {
      const server = await endpoint(loop);
      const socket = socketOf(server);
      socket.setTTL(64);
      socket.setBroadcast(true);
      for (const value of [0, 256, 1.5]) throws(() => socket.setTTL(value), { name: 'RangeError' });
      for (const value of [-1, 256])
        throws(() => socket.setMulticastTTL(value), { name: 'RangeError' });
      for (const value of ['1', undefined]) {
        throws(() => socket.setTTL(value as never), { name: 'TypeError' });
        throws(() => socket.setBroadcast(value as never), { name: 'TypeError' });
        throws(() => socket.setMulticastLoopback(value as never), { name: 'TypeError' });
        throws(() => socket.setRecvBufferSize(value as never), { name: 'TypeError' });
      }
      throws(() => socket.setSendBufferSize(0), { name: 'RangeError' });
      throws(() => socket.addMembership(1 as never), { name: 'TypeError' });
      throws(() => socket.addMembership(GROUP, 1 as never), { name: 'TypeError' });
      throws(() => socket.setMulticastInterface(1 as never), { name: 'TypeError' });
      throws(() => socket.addMembership('127.0.0.1'), { code: 'EINVAL', syscall: 'addMembership' });
      throws(() => socket.addMembership('nonsense'), { code: 'EINVAL' });
      throws(() => socket.dropMembership(GROUP, LOOPBACK), { code: 'EADDRNOTAVAIL' });
      throws(() => socket.setMulticastInterface('203.0.113.1'), { code: 'EADDRNOTAVAIL' });
      await closeAll(server);
      throws(() => socket.setTTL(64), { code: 'EBADF' });
    }));
});
