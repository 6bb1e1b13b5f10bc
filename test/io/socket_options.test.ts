/**
 * The options of sockets that connections and servers are made with: noDelay, keepAlive, reuseAddress, ipv6Only.
 *
 * Guards: what the system says of a socket is what was asked for, on both sides of a connection; without options it is
 * what it was.
 */

import { deepEqual, equal, rejects } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import {
  AI_NUMERICHOST,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  Protocol,
  SO_KEEPALIVE,
  SO_REUSEADDR,
  SOL_SOCKET,
  Socket,
  TCP_KEEPIDLE,
  TCP_NODELAY,
  type TcpOptions,
} from 'uvio';
import { leavesNothingOpen } from '../support.js';
import {
  attempt,
  connectPair,
  Echo,
  Peer,
  portOf,
  Recorder,
  withLoop,
  withServer,
} from './peers.js';

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some((one) => one.address === '::1'),
);

/** noDelay, keepAlive, and its delay in seconds when that is on. */
function optionsOf(recorder: Recorder): [number, number, number?] {
  const socket = recorder.transport.getExtraInfo('socket') as Socket;
  const noDelay = socket.getsockopt(IPPROTO_TCP, TCP_NODELAY);
  const keepAlive = socket.getsockopt(SOL_SOCKET, SO_KEEPALIVE);
  if (keepAlive === 0) return [noDelay, keepAlive];
  return [noDelay, keepAlive, socket.getsockopt(IPPROTO_TCP, TCP_KEEPIDLE)];
}

describe('options of sockets', () => {
  leavesNothingOpen();

  // Seconds after which Linux asks a silent peer by default.
  const system = Number(readFileSync('/proc/sys/net/ipv4/tcp_keepalive_time', 'latin1'));
  const cases: [TcpOptions, [number, number, number?]][] = [
    [{}, [1, 0]],
    [{ noDelay: false }, [0, 0]],
    [{ noDelay: true, keepAlive: true }, [1, 1, system]],
    [{ keepAlive: 90_000 }, [1, 1, 90]],
    [{ noDelay: false, keepAlive: 1 }, [0, 1, 1]],
    [{ keepAlive: false }, [1, 0]],
  ];
  for (const [options, expected] of cases) {
    it(`${JSON.stringify(options)} holds for a server's connections`, () => {
      const made: Recorder[] = [];
      const make = () => {
        made.push(new Recorder());
        return made.at(-1) as Recorder;
      };
      return withServer(
        make,
        async (on) => {
          const [server, client] = await connectPair(on, made);
          deepEqual(optionsOf(server), expected);
          deepEqual(optionsOf(client), [1, 0]);
        },
        options,
      );
    });

    it(`${JSON.stringify(options)} holds for a connection`, () =>
      withServer(
        () => new Echo(),
        async ({ loop, port }) => {
          const given = new Socket();
          await loop.sockConnect(given, ['127.0.0.1', port]);
          for (const sock of [undefined, given]) {
            const client = new Recorder();
            const make = () => client;
            await (sock === undefined
              ? loop.createConnection(make, '127.0.0.1', port, options)
              : loop.createConnection(make, null, null, { ...options, sock }));
            deepEqual(optionsOf(client), expected);
            client.transport.close();
            await client.lost;
          }
        },
      ));
  }

  it('reuseAddress: false refuses a port that closed connections still have', () =>
    withLoop(async (loop) => {
      const first = await loop.createServer(() => new Echo(), '127.0.0.1', 0);
      const port = portOf(first);
      const peer = await Peer.connect(port);
      equal(await peer.ask('x'), 'x');
      // The side that closes first keeps the port for a while.
      first.close();
      first.closeClients();
      await peer.ended;
      await peer.close();
      await first.waitClosed();
      const again = loop.createServer(() => new Echo(), '127.0.0.1', port, { reuseAddress: false });
      await rejects(again, { code: 'EADDRINUSE' });
      const reusing = await loop.createServer(() => new Echo(), '127.0.0.1', port);
      equal(reusing.sockets[0]?.getsockopt(SOL_SOCKET, SO_REUSEADDR), 1);
      await reusing[Symbol.asyncDispose]();
    }));

  it('ipv6Only: false serves both families on one socket', async function () {
    if (!hasIpv6) this.skip();
    await withLoop(async (loop) => {
      for (const host of ['::', null]) {
        const made: Recorder[] = [];
        const make = () => {
          made.push(new Recorder());
          return made.at(-1) as Recorder;
        };
        const server = await loop.createServer(make, host, 0, { ipv6Only: false });
        deepEqual(
          server.sockets.map((socket) => socket.getsockname().address),
          ['::'],
        );
        equal(server.sockets[0]?.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY), 0);
        equal(await attempt(portOf(server), '::1'), 'connected');
        const peer = await Peer.connect(portOf(server));
        while (made.length < 2) await new Promise(setImmediate);
        const name = (made.at(-1) as Recorder).transport.getExtraInfo('peername');
        equal(name?.address, '::ffff:127.0.0.1');
        await peer.close();
        await server[Symbol.asyncDispose]();
      }
      const only = await loop.createServer(() => new Echo(), '::', 0);
      equal(only.sockets[0]?.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY), 1);
      equal(await attempt(portOf(only), '127.0.0.1'), 'ECONNREFUSED');
      await only[Symbol.asyncDispose]();
    });
  });

  it('flags go to the resolver', () =>
    withLoop(async (loop) => {
      const options = { flags: AI_NUMERICHOST, proto: IPPROTO_TCP };
      for (const future of [
        loop.createConnection(() => new Protocol(), 'localhost', 1, options),
        loop.createServer(() => new Protocol(), 'localhost', 0, options),
      ]) {
        await rejects(future, { code: 'ENOTFOUND', hostname: 'localhost' });
      }
    }));
});
