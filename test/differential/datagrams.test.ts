/**
 * Datagram endpoints against CPython: the order of a protocol's calls, and what is refused.
 *
 * Each test is the twin of the function of that name in scenarios/datagrams.py.
 */

import {
  type DatagramOptions,
  DatagramProtocol,
  type DatagramTransport,
  Future,
  getRunningLoop,
  type SocketAddress,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { Boom, type Log, theme } from './stage.js';

class Recorder extends DatagramProtocol {
  transport!: DatagramTransport;
  readonly lost = new Future<void>();
  readonly heard = new Future<void>();

  constructor(
    readonly log: Log,
    readonly name = 'protocol',
  ) {
    super();
  }

  override connectionMade(transport: DatagramTransport): void {
    this.log(this.name, 'made');
    this.transport = transport;
  }

  override datagramReceived(data: Buffer, _addr: SocketAddress): void {
    this.log(this.name, 'received', data.toString());
    if (data.toString() === 'last') this.heard.setResult();
  }

  override errorReceived(error: Error): void {
    this.log(this.name, 'error', -((error as NodeJS.ErrnoException).errno as number));
    if (!this.heard.done()) this.heard.setResult();
  }

  override connectionLost(exception: Error | null): void {
    this.log(this.name, 'lost', exception);
    this.lost.setResult();
  }
}

function open<P extends DatagramProtocol>(
  factory: () => P,
  options: DatagramOptions = { localAddr: ['127.0.0.1', 0] },
): Future<[DatagramTransport, P]> {
  return getRunningLoop().createDatagramEndpoint(factory, options);
}

const nameOf = (transport: DatagramTransport) =>
  transport.getExtraInfo('sockname') as SocketAddress;

describe('datagram endpoints, as in asyncio', () => {
  leavesNothingOpen();
  const { sameTask } = theme('datagrams');

  sameTask(
    'datagrams arrive in order, and connectionLost comes through the ready queue',
    'to_itself',
    async ({ loop, log }) => {
      const [transport, protocol] = await open(() => new Recorder(log));
      for (const data of ['first', 'last']) transport.sendto(data, nameOf(transport));
      log('sent', transport.getWriteBufferSize());
      await protocol.heard;
      loop.callSoon(log, 'scheduled before');
      transport.close();
      log('closing', transport.isClosing());
      loop.callSoon(log, 'scheduled after');
      transport.close();
      await protocol.lost;
    },
  );

  sameTask('an endpoint is aborted once', 'aborted', async ({ log }) => {
    const [transport, protocol] = await open(() => new Recorder(log));
    transport.abort();
    transport.abort();
    transport.close();
    log('closing', transport.isClosing());
    await protocol.lost;
  });

  sameTask(
    'an endpoint that a datagram closes hears of no further one',
    'closed_by_datagram',
    async ({ log }) => {
      class Once extends Recorder {
        override datagramReceived(data: Buffer, addr: SocketAddress): void {
          super.datagramReceived(data, addr);
          this.transport.close();
        }
      }
      const [transport, protocol] = await open(() => new Once(log));
      transport.sendto('one', nameOf(transport));
      transport.sendto('two', nameOf(transport));
      await protocol.lost;
    },
  );

  sameTask(
    'a connected endpoint sends to its peer alone, and hears when that is gone',
    'connected',
    async ({ log }) => {
      const [server, heard] = await open(() => new Recorder(log, 'server'));
      const remoteAddr = nameOf(server);
      const [client, protocol] = await open(() => new Recorder(log, 'client'), { remoteAddr });
      client.sendto('without');
      client.sendto('with', remoteAddr);
      client.sendto('last', null);
      await heard.heard;
      try {
        client.sendto('elsewhere', ['127.0.0.1', 9]);
      } catch (error) {
        log((error as Error).message.replace(String(remoteAddr.port), 'port'));
      }
      server.close();
      await heard.lost;
      client.sendto('nobody');
      await protocol.heard;
      log('closing', client.isClosing());
      client.close();
      await protocol.lost;
    },
  );

  sameTask('too large a datagram is an error of it alone', 'failing_protocol', async (stage) => {
    const { loop, log, logs } = stage;
    class Failing extends Recorder {
      override connectionLost(exception: Error | null): void {
        super.connectionLost(exception);
        loop.callSoon(logs('after'));
      }
    }
    const [transport, protocol] = await open(() => new Failing(log));
    transport.sendto(Buffer.alloc(70_000), nameOf(transport));
    log('sent', transport.getWriteBufferSize(), transport.isClosing());
    transport.close();
    await protocol.lost;
    await sleep(0);
  });

  sameTask('what makes no endpoint is refused', 'refused_options', async ({ log }) => {
    for (const options of [{}, { family: 0 }] as const) {
      try {
        await open(() => new Recorder(log), options);
      } catch {
        log('refused');
      }
    }
    const factory = (): never => {
      throw new Boom('no protocol');
    };
    try {
      await open(factory);
    } catch (error) {
      log(error);
    }
  });
});
