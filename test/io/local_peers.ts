/**
 * What the tests of unix sockets and pipes are made of: a folder of their own, peers by path, pipes.
 *
 * Node.js has no pipe(): a FIFO that is opened at both ends and then unlinked is one. Programs that a
 * machine may lack are looked for here, so that a test can say by name that it is skipped.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  fstatSync,
  mkdtempSync,
  openSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLoop, ExceptionContext, ProtocolFactory, Server, UnixServeOptions } from 'uvio';
import { Peer, withLoop } from './peers.js';

/** Runs `body` with a folder, which goes with all that is in it. */
export async function withFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'uvio-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface UnixContext {
  loop: EventLoop;
  reports: ExceptionContext[];
  server: Server<string>;
  path: string;
  folder: string;
}

/** A server on a unix socket, which is closed with its connections. */
export function withUnixServer<T>(
  factory: ProtocolFactory,
  body: (on: UnixContext) => Promise<T>,
  options?: UnixServeOptions,
): Promise<T> {
  return withFolder((folder) =>
    withLoop(async (loop, reports) => {
      const path = join(folder, 'socket');
      const server = await loop.createUnixServer(factory, path, options);
      try {
        return await body({ loop, reports, server, path, folder });
      } finally {
        server.close();
        server.abortClients();
        await server.waitClosed();
      }
    }),
  );
}

/** A node:net client of a unix socket. */
export async function connectPeer(
  path: string,
  options?: { allowHalfOpen?: boolean },
): Promise<Peer> {
  const socket = connect({ path, ...options });
  const peer = new Peer(socket);
  await once(socket, 'connect');
  return peer;
}

/** Both ends of a new pipe, as descriptors; nobody else has them. */
export function makePipe(folder: string): { reading: number; writing: number } {
  const path = join(folder, `fifo-${process.hrtime.bigint()}`);
  execFileSync('mkfifo', [path]);
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writing = openSync(path, constants.O_WRONLY);
  unlinkSync(path);
  return { reading, writing };
}

function closeIfOpen(descriptor: number): void {
  if (isOpen(descriptor)) closeSync(descriptor);
}

/** Whether the process has this descriptor. */
export function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

export interface Ends {
  loop: EventLoop;
  folder: string;
  reading: number;
  writing: number;
}

/** Runs `body` with a new pipe; what it leaves open is closed. */
export function withPipe(body: (ends: Ends) => Promise<void>): Promise<void> {
  return withFolder((folder) =>
    withLoop(async (loop) => {
      const ends = makePipe(folder);
      try {
        await body({ loop, folder, ...ends });
      } finally {
        closeIfOpen(ends.reading);
        closeIfOpen(ends.writing);
      }
    }),
  );
}

/** Whether the machine has a program of this name. */
export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;
}
