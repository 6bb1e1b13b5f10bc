/**
 * What the tests of serve() have in common: supervisors of serve_program.ts, and clients of its lines over node:net.
 *
 * Invariant: whatever a test has opened here is closed when it ends, however it ends.
 */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import {
  getEventLoop,
  logger,
  type PublishedWorker,
  type SocketAddress,
  type Supervisor,
  type SupervisorOptions,
  serve,
  setEventLoop,
  setLogger,
} from '../../src/index.js';
import type { ProgramData } from './serve_program.js';

export const PROGRAM = new URL('./serve_program.js', import.meta.url);

const open = new Set<Supervisor<SocketAddress>>();
const clients = new Set<Socket>();

export async function startSupervisor(
  options: SupervisorOptions = {},
  data: ProgramData = {},
): Promise<Supervisor<SocketAddress>> {
  const supervisor = await serve(PROGRAM, {
    workers: 2,
    host: '127.0.0.1',
    signals: false,
    drainTimeout: 5000,
    ...options,
    workerOptions: { workerData: data, ...options.workerOptions },
  });
  open.add(supervisor);
  return supervisor;
}

export function closeClients(): void {
  for (const client of clients) client.destroy();
  clients.clear();
}

/** Ends what the test has opened; for afterEach. */
export async function endAll(): Promise<void> {
  closeClients();
  for (const supervisor of open) {
    supervisor.close({ drainTimeout: 0 });
    await supervisor.waitClosed().catch(() => {});
  }
  open.clear();
  getEventLoop().close();
  setEventLoop(null);
  setLogger(logger);
}

/** What is logged from now on until endAll(), in place of standard error. */
export function takeLog(): string[] {
  const lines: string[] = [];
  const take = (line: string) => lines.push(line);
  setLogger({ debug: take, info: take, warn: take, error: take });
  return lines;
}

export function portOf(supervisor: Supervisor<SocketAddress>): number {
  return (supervisor.addresses[0] as SocketAddress).port;
}

/** A client of lines. */
export class Client {
  readonly #lines: AsyncIterator<string>;

  private constructor(readonly socket: Socket) {
    socket.on('error', () => {});
    this.#lines = createInterface(socket)[Symbol.asyncIterator]();
  }

  static async connect(port: number): Promise<Client> {
    const socket = connect(port, '127.0.0.1');
    clients.add(socket);
    const client = new Client(socket);
    await once(socket, 'connect');
    return client;
  }

  /** The next line; undefined at the end. */
  async line(): Promise<string | undefined> {
    const { value, done } = await this.#lines.next();
    return done === true ? undefined : value;
  }

  async ask(line: string): Promise<string | undefined> {
    this.socket.write(`${line}\n`);
    return this.line();
  }

  close(): void {
    clients.delete(this.socket);
    this.socket.destroy();
  }
}

/** The greeting that a connection gets: who serves it. */
export async function greeting(port: number): Promise<string | undefined> {
  const client = await Client.connect(port);
  const line = await client.line();
  client.close();
  return line;
}

/** The next change of a worker's state that `wanted` accepts. */
export function nextChange(wanted: (change: PublishedWorker) => boolean): Promise<PublishedWorker> {
  return new Promise((resolve) => {
    const listen = (message: unknown) => {
      if (!wanted(message as PublishedWorker)) return;
      unsubscribe('uvio.worker', listen);
      resolve(message as PublishedWorker);
    };
    subscribe('uvio.worker', listen);
  });
}
