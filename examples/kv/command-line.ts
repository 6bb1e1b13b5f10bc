/*
 * What both servers have in common as programs: their options, the line that says where they listen,
 * and the two signals that end them. Invariant: what stands on standard output is that one line, so
 * that a parent process can wait for it and read the port from it.
 */

import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Store } from './store.js';

export interface ServeOptions {
  host: string;
  /** 0 for any free port. */
  port: number;
  /** The data to serve, by default an empty store. */
  store?: Store;
  /** How many threads serve, each with a store of its own; undefined for this one. */
  workers?: number;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** Stops listening, ends every connection, and resolves when all of it is gone. */
  close(): Promise<void>;
}

/** Reads `--host`, `--port` and `--workers`. */
export function readServeOptions(argv: readonly string[]): ServeOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '6379' },
      workers: { type: 'string' },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`--port wants a number from 0 to 65535, not ${values.port}`);
  }
  if (values.workers === undefined) {
    return { host: values.host, port };
  }
  const workers = Number(values.workers);
  if (!Number.isInteger(workers) || workers < 1) {
    throw new Error(`--workers wants a number from 1 on, not ${values.workers}`);
  }
  return { host: values.host, port, workers };
}

/** Says where the server listens, in the one form that `readAnnouncement` reads. */
export function announce(server: { host: string; port: number; close?: unknown }): void {
  console.log(`listening ${server.host}:${server.port}`);
}

/** The port in a server's announcement, `undefined` if the text does not hold one yet. */
export function readAnnouncement(text: string): number | undefined {
  const match = /^listening .*:(\d+)$/m.exec(text);
  return match ? Number(match[1]) : undefined;
}

/** Whether the module with this `import.meta.url` is the program that Node was started with. */
export function isMain(url: string): boolean {
  const program = process.argv[1];
  return program !== undefined && realpathSync(program) === fileURLToPath(url);
}
