/**
 * The socket over which a thread can be asked: a line in, a line of JSON out.
 *
 * It is served by the observer, with Node's own net, so that it answers while the observed loop does not. The directory
 * is private and the socket of mode 0600; libuv removes it when the thread ends in order.
 */

import { once } from 'node:events';
import { chmodSync, unlinkSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { ObserverData } from './messages.js';
import { directories, findSockets, makeDirectory, socketPath } from './places.js';
import type { Responder } from './responder.js';

/** The one request there is. */
export const SNAPSHOT = 'snapshot';
// The shortest limit of a socket's path among the systems (macOS).
const LONGEST_PATH = 103;

/**
 * Serves until what it returns is called, which hangs up on everybody and removes the socket.
 *
 * @throws an error that says why the thread cannot be inspected
 */
export async function serve(data: ObserverData, responder: Responder): Promise<() => void> {
  const directory = directories().find(
    (candidate) =>
      Buffer.byteLength(socketPath(candidate, process.pid, data.threadId)) <= LONGEST_PATH,
  );
  if (directory === undefined)
    throw new Error('every directory for the socket has too long a name');
  makeDirectory(directory);
  // Nobody else may come to clear up.
  findSockets();
  const path = socketPath(directory, process.pid, data.threadId);
  // An earlier process of this number has left it.
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const callers = new Set<Socket>();
  const server = createServer((socket) => {
    callers.add(socket);
    socket.on('close', () => callers.delete(socket));
    converse(socket, responder);
  });
  server.listen(path);
  await once(server, 'listening');
  chmodSync(path, 0o600);
  return () => {
    server.close();
    for (const caller of callers) caller.destroy();
  };
}

function converse(socket: Socket, responder: Responder): void {
  // Who asked may be gone when the answer comes.
  socket.on('error', () => socket.destroy());
  const lines = createInterface({ input: socket });
  lines.on('error', () => {});
  lines.on('line', (line) => {
    if (line !== SNAPSHOT) {
      socket.end(`${JSON.stringify({ error: `unknown request '${line.slice(0, 40)}'` })}\n`);
      return;
    }
    responder.answer().then(
      (answer) => socket.writable && socket.write(`${JSON.stringify(answer)}\n`),
      () => socket.destroy(),
    );
  });
}
