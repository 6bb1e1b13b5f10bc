/*
 * A key-value server on a uvio Protocol that speaks the Redis wire protocol (RESP2): try it with
 * redis-cli. All that Redis is about lies in kv/. With --workers it runs kv-worker.ts on several cores. Invariant: it ends
 * on a signal, with 0, when its connections have been ended.
 */

import { getEventLoop, run, serve as serveByWorkers } from 'uvio';
import {
  announce,
  isMain,
  type RunningServer,
  readServeOptions,
  type ServeOptions,
} from './kv/command-line.js';
import { KvProtocol, keepSweeping } from './kv/protocol.js';
import { KvService } from './kv/session.js';

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

  const stopSweeping = keepSweeping(loop, service);
  return {
    host: address.address,
    port: address.port,
    async close() {
      stopSweeping();
      server.close();
      server.abortClients();
      await server.waitClosed();
    },
  };
}

/** Serves by so many threads until a signal ends them: SIGHUP reloads, SIGTERM and Ctrl-C drain. */
async function serveByThreads({ host, port, workers }: ServeOptions): Promise<void> {
  const worker = new URL('./kv-worker.js', import.meta.url);
  const supervisor = await serveByWorkers(worker, { workers: workers ?? 1, host, port });
  for (const { address, port: chosen } of supervisor.addresses) {
    announce({ host: address, port: chosen });
  }
  await supervisor.waitClosed();
}

/** Serves until a signal ends it. */
export function main(argv: readonly string[]): Promise<void> {
  const options = readServeOptions(argv);
  if (options.workers !== undefined) {
    return serveByThreads(options);
  }
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
