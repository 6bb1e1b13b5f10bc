/**
 * How the loop's functions that open something run: createServer, createConnection and their like.
 *
 * In asyncio they are coroutines of the awaiting task. Invariant: what was opened is given to whoever awaits it, or is
 * closed; a cancellation between the two loses nothing.
 */

import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { inheritCreation } from '../core/creation.js';
import { Future } from '../core/futures.js';
import { markOfLibrary } from '../core/leftovers.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { Scheduler } from '../core/scheduler.js';
import { Task } from '../core/tasks.js';
import { publishListenError, publishListenStart } from '../io/diagnostics.js';
import { Server } from '../io/server.js';
import type { ServerSslOptions } from '../io/tls_options.js';
import { checkBoolean, checkInteger, checkOptions } from '../util/check.js';
import { CallSite } from '../util/system_error.js';

/**
 * Runs a library function at once, which `options.signal` cancels, or keeps from happening. What it has opened when nobody wants it any more
 * is given to `discard`, whose future is waited for if it gives one.
 */
export function start<T>(
  loop: Scheduler,
  entry: (...args: never[]) => unknown,
  open: () => Promise<T>,
  discard: (opened: T) => unknown,
  options: AbortOptions | undefined,
): Future<T> {
  checkAbortOptions(options);
  if (options?.signal?.aborted === true) return cancelOnAbort(new Future<T>({ loop }), options);
  const site = new CallSite(entry);
  let opened: { value: T } | null = null;
  const body = async () => {
    try {
      opened = { value: await open() };
      inheritCreation(task, opened.value);
      return opened.value;
    } catch (error) {
      site.claim(error);
      throw error;
    }
  };
  const task = markOfLibrary(new Task(body, { loop, eagerStart: true }));
  const received = function* (): OperationBody<T> {
    try {
      return yield* task;
    } catch (error) {
      const discarded = opened === null ? null : discard(opened.value);
      if (discarded instanceof Future) yield* discarded;
      throw error;
    }
  };
  return cancelOnAbort(new Operation(loop, received(), [task as Task]), options);
}

/** What every server takes. */
export interface ServerOptions extends AbortOptions, ServerSslOptions {
  /** Connections that the kernel keeps until they are accepted; 100 by default. */
  backlog?: number;
  /** False to bind only; server.startServing() accepts. */
  startServing?: boolean;
}

const DEFAULT_BACKLOG = 100;

interface ServerSettings {
  backlog: number;
  startServing: boolean;
}

/** @throws TypeError or RangeError */
export function checkServerOptions(options: ServerOptions | undefined): ServerSettings {
  checkOptions(options);
  const { backlog = DEFAULT_BACKLOG, startServing = true } = options ?? {};
  checkInteger('backlog', backlog, 1, 0x7fffffff);
  checkBoolean('startServing', startServing);
  return { backlog, startServing };
}

/**
 * A server with the listening sockets that `bind` gives it; none of them is left when that fails.
 *
 * @param place where it is to listen, for those who trace it
 */
export function openServer<A>(
  loop: Scheduler,
  { backlog, startServing }: ServerSettings,
  place: object,
  bind: (server: Server<A>) => void,
): Server<A> {
  const server = new Server<A>(loop, backlog);
  publishListenStart(server, place);
  try {
    bind(server);
  } catch (error) {
    server.close();
    publishListenError(server, error);
    throw error;
  }
  try {
    if (startServing) server._listen();
  } catch (error) {
    server.close();
    throw error;
  }
  loop._logLife('info', () => `${server} is serving`);
  return server;
}

/**
 * Calls connectionMade() in the next batch, as asyncio does, and waits for that; a transport whose start is given up is
 * closed.
 */
export async function startTransport(
  loop: Scheduler,
  transport: { _start(): void; close(): void },
): Promise<void> {
  const started = new Future<void>({ loop });
  loop.callSoon(() => {
    transport._start();
    if (!started.done()) started.setResult();
  });
  try {
    await started;
  } catch (error) {
    transport.close();
    throw error;
  }
}

/** Closes a server that nobody will have. */
export function closeServer(server: { close(): void }): void {
  server.close();
}

/** Ends a connection that nobody will have. */
export function abortTransport([transport]: readonly [{ abort(): void }, unknown]): void {
  transport.abort();
}
