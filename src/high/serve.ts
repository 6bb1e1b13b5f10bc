/**
 * serve(): a program on every core, by worker threads that share listening sockets under a Supervisor.
 *
 * Each worker has a socket of its own where the kernel spreads connections over several (SO_REUSEPORT on Linux), else all
 * accept from one. Invariants: nothing is opened when an argument is wrong; when a worker cannot start nothing stays open.
 */

import type { SocketAddress } from '../binding/contract.js';
import type { Future } from '../core/futures.js';
import { Protocol } from '../io/protocols.js';
import type { Server } from '../io/server.js';
import { getEventLoop } from '../loop/current.js';
import type { EventLoop } from '../loop/event_loop.js';
import { start } from '../loop/opening.js';
import type { UnixPath } from '../loop/unix.js';
import { checkSettings, type ServeSettings, type SupervisorOptions } from './serve_options.js';
import { Supervisor } from './supervisor.js';
import { takeSignals } from './supervisor_signals.js';

/** Elsewhere sockets that share a port do not share its connections. */
const BALANCES_PORTS = process.platform === 'linux';

/**
 * Runs the default export of the module `workerUrl` in so many worker threads, as `program(worker)`, and keeps them alive.
 * The program starts its server by `worker.createServer()` or `worker.startServer()`; see ServeWorker.
 *
 * @param workerUrl a URL, or an absolute path
 * @returns a future of the Supervisor, done when every worker serves; it fails with the system's error, or with that of
 *   a worker that cannot start
 * @throws TypeError or RangeError
 */
export function serve(
  workerUrl: string | URL,
  options: SupervisorOptions & { path: UnixPath },
): Future<Supervisor<string>>;
export function serve(
  workerUrl: string | URL,
  options?: SupervisorOptions,
): Future<Supervisor<SocketAddress>>;
export function serve(
  workerUrl: string | URL,
  options?: SupervisorOptions,
): Future<Supervisor<SocketAddress> | Supervisor<string>> {
  const loop = getEventLoop();
  loop._checkClosed();
  const settings = checkSettings(workerUrl, options);
  const open = async () => supervise(loop, await bind(loop, settings), settings);
  const opening = start(loop, serve, open, closeSupervisor, options);
  return opening as Future<Supervisor<never>>;
}

/** The sockets that the workers will listen on; they do not listen yet. */
async function bind(loop: EventLoop, settings: ServeSettings): Promise<Server<unknown>[]> {
  const { path, host, mode, binding } = settings;
  if (path !== undefined) {
    const server = await loop.createUnixServer(refuse, path, { startServing: false, ...mode });
    return [server as Server<unknown>];
  }
  const reusePort = BALANCES_PORTS && settings.workers > 1;
  const options = { ...binding, reusePort, startServing: false };
  const servers: Server[] = [];
  let { port } = settings;
  try {
    do {
      const server = await loop.createServer(refuse, host, port, options);
      servers.push(server);
      port = server.sockets[0]?.getsockname().port ?? port;
    } while (reusePort && servers.length < settings.workers);
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
  return servers as Server<unknown>[];
}

async function supervise(
  loop: EventLoop,
  servers: Server<unknown>[],
  settings: ServeSettings,
): Promise<Supervisor<unknown>> {
  const supervisor = new Supervisor(loop, servers, settings);
  try {
    await supervisor._start();
  } catch (error) {
    closeSupervisor(supervisor);
    await supervisor.waitClosed().catch(() => {});
    throw error;
  }
  if (settings.signals) takeSignals(supervisor);
  return supervisor;
}

function closeSupervisor(supervisor: Supervisor<unknown>): void {
  supervisor.close({ drainTimeout: 0 });
}

/** Nothing is accepted through the supervisor's own servers. */
function refuse(): Protocol {
  return new Protocol();
}
