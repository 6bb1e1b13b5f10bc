/*
 * The key-value server of kv-server.ts on node:net, the twin that it is compared with: the same
 * parser, commands and data, carried by Node's own sockets as a careful Node programmer would.
 * Invariants: one write for one 'data' event; a socket whose peer does not read is not read either.
 */

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import {
  announce,
  isMain,
  type RunningServer,
  readServeOptions,
  type ServeOptions,
} from './kv/command-line.js';
import { KvService, SWEEP_INTERVAL } from './kv/session.js';

/** Starts the server; resolves when it listens. */
export async function serve({ host, port, store }: ServeOptions): Promise<RunningServer> {
  const service = new KvService(store);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    attend(socket, service);
  });
  server.listen({ host, port, backlog: 511 });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('the server does not listen on a TCP port');
  }
  service.port = address.port;
  const sweeping = setInterval(() => service.sweep(), SWEEP_INTERVAL);
  return {
    host: address.address,
    port: address.port,
    async close() {
      clearInterval(sweeping);
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
    },
  };
}

function attend(socket: Socket, service: KvService): void {
  const session = service.connect();
  socket.on('data', (chunk: Buffer) => {
    if (!write(socket, session.receive(chunk))) {
      socket.pause();
    }
    if (session.closing) {
      socket.destroySoon();
    }
  });
  socket.on('drain', () => socket.resume());
  // A peer that resets the connection is no concern of the server's; 'close' follows.
  socket.on('error', () => {});
  socket.once('close', () => service.disconnect());
}

/** Writes the parts in one go; false when the socket has enough for now. */
function write(socket: Socket, parts: readonly Buffer[]): boolean {
  if (parts.length < 2) {
    return parts[0] === undefined || socket.write(parts[0]);
  }
  let ready = true;
  socket.cork();
  for (const part of parts) {
    ready = socket.write(part);
  }
  socket.uncork();
  return ready;
}

/** Serves until a signal ends it. */
export async function main(argv: readonly string[]): Promise<void> {
  const server = await serve(readServeOptions(argv));
  announce(server);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.close();
}

if (isMain(import.meta.url)) {
  await main(process.argv.slice(2));
}
