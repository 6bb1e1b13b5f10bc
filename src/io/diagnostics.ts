/**
 * What uvio's servers, connections and subprocesses publish through node:diagnostics_channel: what Node's own net and child_process do,
 * under the same names and in messages of the same shape.
 *
 * A `socket` is a Transport here, a `server` a Server. Invariant: where nobody subscribes a message is not even made.
 */

import { channel } from 'node:diagnostics_channel';

const clientSocket = channel('net.client.socket');
const serverSocket = channel('net.server.socket');
const listenStart = channel('tracing:net.server.listen:asyncStart');
const listenEnd = channel('tracing:net.server.listen:asyncEnd');
const childProcess = channel('child_process');
const listenError = channel('tracing:net.server.listen:error');

/** A connection was made, of which its protocol does not know yet. */
export function publishClientSocket(socket: object): void {
  if (clientSocket.hasSubscribers) clientSocket.publish({ socket });
}

/** A connection was accepted, of which its protocol does not know yet. */
export function publishServerSocket(socket: object): void {
  if (serverSocket.hasSubscribers) serverSocket.publish({ socket });
}

/** A program was started. `process` has what does not change of Node's ChildProcess: pid, spawnfile, spawnargs. */
export function publishChildProcess(process: object): void {
  if (childProcess.hasSubscribers) childProcess.publish({ process });
}

/** A server is about to be bound to its addresses: `options` has its host and port, or its path. */
export function publishListenStart(server: object, options: object): void {
  if (listenStart.hasSubscribers) listenStart.publish({ server, options });
}

/** A server accepts connections from now on. */
export function publishListenEnd(server: object): void {
  if (listenEnd.hasSubscribers) listenEnd.publish({ server });
}

/** A server cannot be bound, or cannot listen. */
export function publishListenError(server: object, error: unknown): void {
  if (listenError.hasSubscribers) listenError.publish({ server, error });
}
