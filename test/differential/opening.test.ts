/**
 * What opens a transport, against CPython: connectionMade comes through the ready queue, and then whoever waits.
 *
 * Each test is the twin of the function of that name in scenarios/opening.py.
 */

import { closeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  type BaseProtocol,
  DatagramProtocol,
  Future,
  Protocol,
  SOCK_DGRAM,
} from '../../src/index.js';
import { makePipe, withFolder } from '../io/local_peers.js';
import { leavesNothingOpen } from '../support.js';
import { bound, pair } from './socket_ends.js';
import { type Stage, theme } from './stage.js';

/** A factory of protocols of that class, with what they schedule. */
function recorded<P extends BaseProtocol>({ loop, log }: Stage, protocol: new () => P) {
  return (): P & { lost: Future<void> } => {
    log('factory');
    loop.callSoon(log, 'scheduled by the factory');
    const lost = new Future<void>();
    return Object.assign(new protocol(), {
      lost,
      connectionMade() {
        log('made');
        loop.callSoon(log, 'scheduled by connectionMade');
      },
      connectionLost() {
        log('lost');
        lost.setResult();
      },
    });
  };
}

async function opened(
  { log }: Stage,
  opening: PromiseLike<[{ close(): void }, { lost: Future<void> }]>,
): Promise<void> {
  const [transport, protocol] = await opening;
  log('open');
  transport.close();
  await protocol.lost;
}

describe('what opens a transport, as in asyncio', () => {
  leavesNothingOpen();
  const { sameTask } = theme('opening');

  sameTask('createDatagramEndpoint', 'datagrams', (stage) => {
    const localAddr = ['127.0.0.1', 0] as [string, number];
    const factory = recorded(stage, DatagramProtocol);
    return opened(stage, stage.loop.createDatagramEndpoint(factory, { localAddr }));
  });

  sameTask('… of a given socket', 'given_datagram_socket', (stage) => {
    const factory = recorded(stage, DatagramProtocol);
    return opened(stage, stage.loop.createDatagramEndpoint(factory, { sock: bound(SOCK_DGRAM) }));
  });

  sameTask('createConnection', 'connection', async (stage) => {
    using listener = bound();
    listener.listen();
    const { address, port } = listener.getsockname();
    await opened(stage, stage.loop.createConnection(recorded(stage, Protocol), address, port));
  });

  sameTask('… of a given socket', 'given_socket', async (stage) => {
    const [sock, far] = await pair(stage.loop);
    using _ = far;
    const factory = recorded(stage, Protocol);
    await opened(stage, stage.loop.createConnection(factory, null, null, { sock }));
  });

  sameTask('connectAcceptedSocket', 'accepted_socket', async (stage) => {
    const [near, far] = await pair(stage.loop);
    using _ = near;
    await opened(stage, stage.loop.connectAcceptedSocket(recorded(stage, Protocol), far));
  });

  sameTask('createUnixConnection', 'unix_connection', (stage) =>
    withFolder(async (folder) => {
      const path = join(folder, 'socket');
      const server = createServer((connection) => connection.resume());
      await new Promise<void>((listening) => server.listen(path, listening));
      await opened(stage, stage.loop.createUnixConnection(recorded(stage, Protocol), path));
      await new Promise((closed) => server.close(closed));
    }),
  );

  sameTask('connectReadPipe', 'read_pipe', (stage) =>
    withFolder(async (folder) => {
      const { reading, writing } = makePipe(folder);
      await opened(stage, stage.loop.connectReadPipe(recorded(stage, Protocol), reading));
      closeSync(writing);
    }),
  );

  sameTask('connectWritePipe', 'write_pipe', (stage) =>
    withFolder(async (folder) => {
      const { reading, writing } = makePipe(folder);
      await opened(stage, stage.loop.connectWritePipe(recorded(stage, Protocol), writing));
      closeSync(reading);
    }),
  );
});
