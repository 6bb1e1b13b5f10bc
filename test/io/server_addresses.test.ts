/**
 * Where a server listens: hosts, families, ports that are shared or chosen by the kernel.
 *
 * Guards: all interfaces mean both families on one port, IPv6 alone is IPv6 alone, reusePort lets
 * several servers share a port, and closing one leaves the others.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { leavesNothingOpen } from '../support.js';
import { attempt, Echo, Peer, portOf, Recorder, withLoop } from './peers.js';

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some((one) => one.address === '::1'),
);

describe('the addresses of a server', () => {
  leavesNothingOpen();

  it('`await using` closes the server and waits for its connections', async () => {
    await withLoop(async (loop) => {
      let port = 0;
      {
        await using server = await loop.createServer(() => new Echo(), '127.0.0.1', 0);
        port = portOf(server);
        const peer = await Peer.connect(port);
        equal(await peer.ask('hello'), 'hello');
        await peer.close();
      }
      equal(await attempt(port), 'ECONNREFUSED');
    });
  });

  it('null, "" and nothing mean all interfaces, in both families, on one port', async function () {
    if (!hasIpv6) this.skip();
    for (const host of [null, '', undefined]) {
      await withLoop(async (loop) => {
        const server = await loop.createServer(() => new Echo(), host, 0);
        const names = server.sockets.map((socket) => socket.getsockname());
        deepEqual(
          names.map(({ address, family }) => [address, family]),
          [
            ['0.0.0.0', 'IPv4'],
            ['::', 'IPv6'],
          ],
        );
        equal(names[0]?.port, names[1]?.port);
        equal(await attempt(portOf(server), '127.0.0.1'), 'connected');
        equal(await attempt(portOf(server), '::1'), 'connected');
        await server[Symbol.asyncDispose]();
      });
    }
  });

  it('a list of hosts gives a socket each, with one port, and none twice', async () => {
    await withLoop(async (loop) => {
      const hosts = ['127.0.0.1', '127.0.0.2', '127.0.0.1'];
      const server = await loop.createServer(() => new Echo(), hosts, 0);
      deepEqual(
        server.sockets.map((socket) => socket.getsockname().address),
        ['127.0.0.1', '127.0.0.2'],
      );
      equal(new Set(server.sockets.map((socket) => socket.getsockname().port)).size, 1);
      equal(await attempt(portOf(server), '127.0.0.2'), 'connected');
      await server[Symbol.asyncDispose]();
    });
  });

  it('IPv6 is served, and transports name their ends', async function () {
    if (!hasIpv6) this.skip();
    await withLoop(async (loop) => {
      const served = new Recorder();
      const server = await loop.createServer(() => served, '::1', 0);
      const client = new Recorder();
      const port = portOf(server);
      const [transport] = await loop.createConnection(() => client, '::1', port);
      await served.made;
      const local = transport.getExtraInfo('sockname');
      deepEqual(transport.getExtraInfo('peername'), { address: '::1', port, family: 'IPv6' });
      deepEqual(served.transport.getExtraInfo('peername'), local);
      deepEqual(served.transport.getExtraInfo('sockname'), {
        address: '::1',
        port,
        family: 'IPv6',
      });
      ok(String(server).includes(`[::1]:${port}`));
      transport.close();
      await server[Symbol.asyncDispose]();
    });
  });

  it('two servers share a port with reusePort, and each serves', async () => {
    await withLoop(async (loop) => {
      const options = { reusePort: true };
      const counts = [0, 0];
      const make = (index: number) => () => {
        counts[index] = (counts[index] as number) + 1;
        return new Echo();
      };
      const first = await loop.createServer(make(0), '127.0.0.1', 0, options);
      const port = portOf(first);
      const second = await loop.createServer(make(1), '127.0.0.1', port, options);
      equal(portOf(second), port);
      // The kernel chooses by a hash of the client's port: 64 times one side is 2 in 2^64.
      for (let index = 0; index < 64; index++) equal(await attempt(port), 'connected');
      while ((counts[0] as number) + (counts[1] as number) < 64) await new Promise(setImmediate);
      ok(
        counts.every((count) => count > 0),
        `served ${counts}`,
      );
      await rejects(
        loop.createServer(() => new Echo(), '127.0.0.1', port),
        { code: 'EADDRINUSE' },
      );
      await first[Symbol.asyncDispose]();
      for (let index = 0; index < 8; index++) equal(await attempt(port), 'connected');
      await second[Symbol.asyncDispose]();
      equal(await attempt(port), 'ECONNREFUSED');
    });
  });

  it('reusePort works on IPv6 and on all interfaces', async function () {
    if (!hasIpv6) this.skip();
    await withLoop(async (loop) => {
      for (const host of ['::1', null]) {
        const options = { reusePort: true };
        const first = await loop.createServer(() => new Echo(), host, 0, options);
        const second = await loop.createServer(() => new Echo(), host, portOf(first), options);
        equal(await attempt(portOf(second), '::1'), 'connected');
        await first[Symbol.asyncDispose]();
        await second[Symbol.asyncDispose]();
      }
    });
  });

  it('the sockets of a server do not reach child processes', async () => {
    await withLoop(async (loop) => {
      for (const reusePort of [false, true]) {
        const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0, { reusePort });
        const inode = readlinkSync(`/proc/self/fd/${server.sockets[0]?.fileno()}`);
        const { stdout } = await promisify(execFile)('/bin/ls', ['-l', '/proc/self/fd']);
        equal(stdout.includes(inode), false);
        await server[Symbol.asyncDispose]();
      }
    });
  });
});
