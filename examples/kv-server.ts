/*
 * A key-value server on a uvio Protocol that speaks the Redis wire protocol (RESP2): try it with
 * redis-cli. All that Redis is about lies in kv/; here is how its bytes travel. Invariants: one
 * write for one dataReceived(); a connection whose peer does not read is not read either, so what
 * one client can make the server hold is bounded.
 */

import { getEventLoop, Protocol, run, type TimerHandle, type Transport } from 'uvio';
import {
  announce,
  isMain,
  type RunningServer,
  readServeOptions,
  type ServeOptions,
} from './kv/command-line.js';
import { KvService, type Session, SWEEP_INTERVAL } from './kv/session.js';

class KvProtocol extends Protocol {
  private transport!: Transport;
  private session!: Session;

  constructor(private readonly service: KvService) {
    super();
  }

  override connectionMade(transport: Transport): void {
    this.transport = transport;
    this.session = this.service.connect();
  }

  override dataReceived(data: Buffer): void {
    const parts = this.session.receive(data);
    if (parts.length === 1) {
      this.transport.write(parts[0] as Buffer);
    } else if (parts.length > 1) {
      this.transport.writelines(parts);
    }
    if (this.session.closing) {
      this.transport.close();
    }
  }

  override pauseWriting(): void {
    this.transport.pauseReading();
  }

  override resumeWriting(): void {
    this.transport.resumeReading();
  }

  override connectionLost(): void {
    this.service.disconnect();
  }
}

/** Starts the server on the current loop; resolves when it listens. */
export async function serve({ host, port, store }: ServeOptions): Promise<RunningServer> {
  const loop = getEventLoop();
  const service = new KvService(store);
  const server = await loop.createServer(() => new KvProtocol(service), host, port, {
    backlog: 511,
  });
  const address = server.sockets[0]?.getsockname();
  if (address === undefined) {
    throw new Error('the server does not listen on a TCP port');
  }
  service.port = address.port;

  let timer: TimerHandle;
  const sweep = () => {
    service.sweep();
    timer = loop.callLater(SWEEP_INTERVAL, sweep);
  };
  timer = loop.callLater(SWEEP_INTERVAL, sweep);

  return {
    host: address.address,
    port: address.port,
    async close() {
      timer.cancel();
      server.close();
      server.abortClients();
      await server.waitClosed();
    },
  };
}

/** Serves until a signal ends it. */
export function main(argv: readonly string[]): Promise<void> {
  const options = readServeOptions(argv);
  const serveUntilSignalled = async () => {
    const signalled = getEventLoop().createFuture<void>();
    const stop = () => signalled.done() || signalled.setResult();
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    const server = await serve(options);
    announce(server);
    await signalled;
    await server.close();
  };
  // Ctrl-C is how a server is meant to end, not an interruption to report.
  return run(serveUntilSignalled, { signals: false });
}

if (isMain(import.meta.url)) {
  await main(process.argv.slice(2));
}
