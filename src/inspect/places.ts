/**
 * Where the sockets of processes that can be inspected are, and that nobody else can reach or plant them.
 *
 * A directory of mode 0700 that belongs to the user, in XDG_RUNTIME_DIR or, without that, in the directory for temporary
 * files. Invariant: a directory or socket that is a link, another's, or open to others is refused, not mended.
 */

import { lstatSync, mkdirSync, readdirSync, type Stats, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exists } from './processes.js';

const OTHERS = 0o077;
const PERMISSIONS = 0o777;
const SOCKET = /^(?<pid>\d+)-(?<thread>\d+)\.sock$/;

/** A thread's socket. */
export interface SocketPlace {
  pid: number;
  threadId: number;
  path: string;
}

function user(): number {
  // Systems without users have no unix sockets either.
  return process.geteuid?.() ?? -1;
}

/** Where sockets may be; a process serves in the first one. */
export function directories(): string[] {
  const runtime = process.env.XDG_RUNTIME_DIR;
  const own = `uvio-${user()}`;
  const all = [join(tmpdir(), own), join('/tmp', own)];
  if (runtime?.startsWith('/')) all.unshift(join(runtime, 'uvio'));
  return [...new Set(all)];
}

/**
 * Makes the directory unless it is there.
 *
 * @throws an error that says why it is not safe
 */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  checkDirectory(path);
}

/** @throws an error that says why it is not safe; ENOENT when it is not there */
export function checkDirectory(path: string): void {
  const stats = lstatSync(path);
  if (!stats.isDirectory()) throw new Error(`${path} is no directory`);
  checkOwner(path, stats);
  if ((stats.mode & OTHERS) !== 0) {
    throw new Error(`${path} is open to others (mode ${(stats.mode & PERMISSIONS).toString(8)})`);
  }
}

/** Its mode does not matter in a private directory. @throws as checkDirectory() */
export function checkSocket(path: string): void {
  const stats = lstatSync(path);
  if (!stats.isSocket()) throw new Error(`${path} is no socket`);
  checkOwner(path, stats);
}

function checkOwner(path: string, stats: Stats): void {
  if (stats.uid !== user()) throw new Error(`${path} belongs to another user (${stats.uid})`);
}

export function socketPath(directory: string, pid: number, threadId: number): string {
  return join(directory, `${pid}-${threadId}.sock`);
}

/**
 * The sockets in the directories, those of processes that are gone removed.
 *
 * @throws an error that says why a directory is not safe
 */
export function findSockets(): SocketPlace[] {
  return directories().flatMap((directory) => {
    let names: string[];
    try {
      checkDirectory(directory);
      names = readdirSync(directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return names.flatMap((name) => {
      const { pid, thread } = SOCKET.exec(name)?.groups ?? {};
      const path = join(directory, name);
      if (pid === undefined || removeStale(path, Number(pid))) return [];
      return [{ pid: Number(pid), threadId: Number(thread), path }];
    });
  });
}

function removeStale(path: string, pid: number): boolean {
  if (exists(pid)) return false;
  try {
    unlinkSync(path);
  } catch {
    // Somebody was faster.
  }
  return true;
}
