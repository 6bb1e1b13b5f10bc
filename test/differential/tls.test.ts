/**
 * TLS against CPython: the calls of both protocols of a connection, in their order.
 *
 * Each test is the twin of the function of that name in scenarios/tls.py. What the two sides do at the same
 * time is not compared: each writes down its own events.
 */

import {
  type EventLoop,
  gather,
  Protocol,
  type Server,
  sleep,
  type Transport,
} from '../../src/index.js';
import { portOf } from '../io/peers.js';
import { SERVER, TRUST } from '../io/tls_peers.js';
import { leavesNothingOpen } from '../support.js';
import { Recorder } from './pipe_ends.js';
import { type Stage, theme } from './stage.js';

const SECURE = { ssl: TRUST, serverHostname: 'localhost' };

/** A server with one connection, each side with its own list of events. */
class Pair {
  readonly server: Recorder;
  readonly client: Recorder;
  listener!: Server;
  readonly loop: EventLoop;

  constructor(readonly stage: Stage) {
    this.loop = stage.loop;
    this.server = new Recorder('server', stage.loop, stage.log, { events: [] });
    this.client = new Recorder('client', stage.loop, stage.log, { events: [] });
  }

  async listen(options = {}): Promise<void> {
    this.listener = await this.loop.createServer(() => this.server, '127.0.0.1', 0, options);
  }

  async connect(options = {}): Promise<Transport> {
    const port = portOf(this.listener);
    const connecting = this.loop.createConnection(() => this.client, '127.0.0.1', port, options);
    return (await connecting)[0];
  }

  async serverMade(): Promise<void> {
    while (this.server.events.length === 0) await sleep(0);
  }

  async end(): Promise<void> {
    this.listener.close();
    await this.server.lost;
    await this.client.lost;
    this.show();
  }

  show(): void {
    this.stage.log('server', this.server.events);
    this.stage.log('client', this.client.events);
  }
}

describe('TLS, as in asyncio', () => {
  leavesNothingOpen();
  const { same } = theme('tls');

  const sameTls = (title: string, name: string, main: (pair: Pair) => Promise<unknown>) =>
    same(title, name, (stage) => stage.loop.runUntilComplete(() => main(new Pair(stage))));

  sameTls('a client that closes', 'client_closes', async (pair) => {
    const { log } = pair.stage;
    await pair.listen({ ssl: SERVER });
    const transport = await pair.connect(SECURE);
    log(transport.canWriteEof(), transport.isClosing(), transport.isReading());
    transport.write('hello');
    await pair.server.next();
    transport.close();
    log(transport.isClosing());
    await pair.end();
  });

  sameTls('a server that closes', 'server_closes', async (pair) => {
    await pair.listen({ ssl: SERVER });
    await pair.connect(SECURE);
    await pair.serverMade();
    pair.server.transport.write('bye');
    pair.server.transport.close();
    await pair.end();
  });

  sameTls('a client that aborts', 'client_aborts', async (pair) => {
    const { log } = pair.stage;
    await pair.listen({ ssl: SERVER });
    const transport = await pair.connect(SECURE);
    await pair.serverMade();
    transport.abort();
    log(transport.isClosing());
    pair.listener.close();
    await pair.client.lost;
    log(pair.client.events);
    await pair.server.lost;
  });

  sameTls('a certificate of another name', 'wrong_name', async (pair) => {
    await pair.listen({ ssl: SERVER });
    try {
      await pair.connect({ ssl: TRUST, serverHostname: 'other.example' });
    } catch {
      pair.stage.log('refused');
    }
    pair.listener.close();
    pair.show();
    await pair.listener.waitClosed();
  });

  sameTls('a server that does not answer', 'nobody_answers', async (pair) => {
    const { log } = pair.stage;
    pair.server.dataReceived = () => {};
    await pair.listen();
    try {
      await pair.connect({ ...SECURE, sslHandshakeTimeout: 20 });
    } catch (error) {
      log((error as Error).message);
    }
    pair.listener.close();
    await pair.server.lost;
    log(pair.client.events);
  });

  sameTls('a server that hangs up', 'server_hangs_up', async (pair) => {
    pair.server.dataReceived = () => pair.server.transport.close();
    await pair.listen();
    try {
      await pair.connect(SECURE);
    } catch {
      pair.stage.log('reset');
    }
    pair.listener.close();
    pair.stage.log(pair.client.events);
    await pair.listener.waitClosed();
  });

  sameTls('startTls() on both sides', 'upgraded', async (pair) => {
    const { loop, log } = pair.stage;
    await pair.listen();
    const raw = await pair.connect();
    raw.write('STARTTLS');
    await pair.server.next();
    log(pair.server.events);
    const { transport } = pair.server;
    const one = loop.startTls(transport, pair.server, SERVER, { serverSide: true });
    const two = loop.startTls(raw, pair.client, TRUST, { serverHostname: 'localhost' });
    const [server, client] = await gather([one, two]);
    log(client === raw, client.getProtocol() === pair.client, raw.isClosing());
    client.write('secret');
    await pair.server.next();
    server.close();
    await pair.end();
  });

  sameTls('options without ssl', 'options_without_ssl', async ({ loop, stage }) => {
    for (const options of [
      { serverHostname: 'x' },
      { sslHandshakeTimeout: 1 },
      { sslShutdownTimeout: 1 },
    ]) {
      try {
        await loop.createConnection(() => new Protocol(), '127.0.0.1', 1, options);
      } catch (error) {
        stage.log((error as Error).message);
      }
    }
  });
});
