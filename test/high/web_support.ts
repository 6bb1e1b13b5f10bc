/**
 * What the tests of HTTP over uvio are made of: an http.Server whose sockets are uvio's, and requests with an answer.
 */

import { type ClientRequest, type IncomingMessage, request, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { createTask, openConnection, type StreamPair, startServer, toDuplex } from 'uvio';
import { portOf } from '../io/peers.js';
import { inTask } from './stream_support.js';

/** Runs `body` while `web` serves what uvio accepts on a loopback port. */
export function withWeb<T>(
  web: Pick<Server, 'emit' | 'closeAllConnections'>,
  body: (port: number) => Promise<T>,
): Promise<T> {
  return inTask(async () => {
    const server = await startServer(null, '127.0.0.1', 0, { backlog: 1024 });
    const serving = createTask(async () => {
      for await (const pair of server) web.emit('connection', toDuplex(pair));
    });
    try {
      return await body(portOf(server));
    } finally {
      server.close();
      await serving;
      web.closeAllConnections();
      server.abortClients();
      await server.waitClosed();
    }
  });
}

/** A stream over uvio to that port. */
export function overUvio(port: number): ReturnType<typeof toDuplex> {
  return toDuplex(openConnection('127.0.0.1', port) as PromiseLike<StreamPair>);
}

export interface Answer {
  status: number | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

/** The answer to a request that `send` finishes. */
export async function ask(
  options: Parameters<typeof request>[1],
  send: (request: ClientRequest) => void = (sent) => sent.end(),
): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(options as object, resolve).on('error', reject);
    send(sent);
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    body: await text(response),
  };
}
