/*
 * What every worker of `kv-server --workers` runs. Each has a store of its own, as processes behind a balancer of
 * connections have: what one connection sets, another one may not find. Good for a cache or a measurement; data that
 * all have to see belongs into a store that all share. Invariant: a worker that is to end still answers whoever is connected.
 */

import { getRunningLoop, type ServeWorker } from 'uvio';
import { KvProtocol, keepSweeping } from './kv/protocol.js';
import { KvService } from './kv/session.js';

export default async function work(worker: ServeWorker): Promise<void> {
  const service = new KvService();
  const server = await worker.createServer(() => new KvProtocol(service), { backlog: 511 });
  service.port = server.sockets[0]?.getsockname().port ?? 0;
  keepSweeping(getRunningLoop(), service);
}
