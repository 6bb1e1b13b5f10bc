/**
 * What the tests of streams are made of: a task on a loop of its own, and a server with a handler.
 */

import {
  type ClientConnectedCallback,
  type EventLoop,
  type ExceptionContext,
  type Server,
  type StartServerOptions,
  startServer,
} from 'uvio';
import { portOf, withLoop } from '../io/peers.js';

/** Runs `body` as a task; what is reported to the exception handler and not taken from `reports` fails the test. */
export function inTask<T>(
  body: (loop: EventLoop, reports: ExceptionContext[]) => Promise<T>,
): Promise<T> {
  return withLoop((loop, reports) => loop.runUntilComplete(() => body(loop, reports)));
}

export interface StreamServer {
  loop: EventLoop;
  reports: ExceptionContext[];
  server: Server;
  port: number;
}

/** As inTask, with a server on loopback, which is closed with its connections. */
export function withStreamServer<T>(
  handler: ClientConnectedCallback,
  body: (on: StreamServer) => Promise<T>,
  options?: StartServerOptions,
): Promise<T> {
  return inTask(async (loop, reports) => {
    const server = await startServer(handler, '127.0.0.1', 0, options);
    try {
      return await body({ loop, reports, server, port: portOf(server) });
    } finally {
      server.close();
      server.abortClients();
      await server.waitClosed();
    }
  });
}
