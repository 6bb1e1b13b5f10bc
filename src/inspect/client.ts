/**
 * Asks a process: the other end of the sockets that its observers serve, one for each thread.
 *
 * Whatever is in the way of an answer is an InspectionError that says so in a sentence: no such process, another
 * user's, one that cannot be inspected.
 */

import { createConnection } from 'node:net';
import { checkSocket, findSockets, type SocketPlace } from './places.js';
import { exists, isStopped, ownerOf } from './processes.js';
import type { ThreadAnswer } from './responder.js';
import { SNAPSHOT } from './server.js';

/** What one thread says, or its observer says of it. */
export type Thread = { threadId: number } & ThreadAnswer;

/** Why there is no answer, in a sentence. */
export class InspectionError extends Error {
  /** Whether the process is not there, or not any more. */
  readonly gone: boolean;

  constructor(message: string, gone = false) {
    super(message);
    this.gone = gone;
  }
}

// The observer itself gives its thread 250 ms, and taking a stack ten times as much.
const PATIENCE = 5000; // ms
// How long the system may take to be done with a process whose sockets are closed.
const ENDING = 2000; // ms
const PAUSE = 20; // ms

/**
 * What each thread of the process answers, the main thread first.
 *
 * @throws InspectionError
 */
export async function inspectProcess(pid: number): Promise<Thread[]> {
  if (!exists(pid)) throw new InspectionError(`there is no process ${pid}`, true);
  const owner = ownerOf(pid);
  const user = process.geteuid?.() ?? null;
  if (owner !== null && owner !== user) {
    throw new InspectionError(`process ${pid} belongs to another user (${owner}, not ${user})`);
  }
  const answers = await Promise.all(socketsOf(pid).map(ask));
  const threads = answers.filter((answer) => answer !== null);
  if (threads.length > 0) return threads.sort((one, other) => one.threadId - other.threadId);
  if (await ends(pid)) throw new InspectionError(`process ${pid} has ended`, true);
  throw new InspectionError(
    `process ${pid} cannot be inspected: it was not started with UVIO_INSPECT=1 and has no loop in debug mode, or has made no loop yet`,
  );
}

function socketsOf(pid: number): SocketPlace[] {
  try {
    return findSockets().filter((socket) => socket.pid === pid);
  } catch (error) {
    throw new InspectionError((error as Error).message);
  }
}

/** Null when nobody listens (any more): a thread that has ended, or a socket that was left behind. */
async function ask({ pid, threadId, path }: SocketPlace): Promise<Thread | null> {
  let line: string;
  try {
    checkSocket(path);
    line = await firstLine(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined && GONE.includes(code)) return null;
    if (code !== 'ETIMEDOUT') throw new InspectionError(message);
    throw new InspectionError(
      `process ${pid} does not answer${isStopped(pid) ? ': it is stopped' : ''}`,
    );
  }
  return line === '' ? null : { threadId, ...parse(pid, line) };
}

function parse(pid: number, line: string): ThreadAnswer {
  try {
    const answer = JSON.parse(line) as ThreadAnswer;
    if (typeof answer.state === 'string') return answer;
  } catch {
    // Not one of ours.
  }
  throw new InspectionError(`process ${pid} gives no answer that this version of uvio knows`);
}

const GONE = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

/** The answer; empty when the connection ends before. */
function firstLine(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(PATIENCE, () => {
      socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
    });
    socket.on('connect', () => socket.write(`${SNAPSHOT}\n`));
    socket.on('data', (part: string) => {
      text += part;
      if (text.endsWith('\n')) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text.endsWith('\n') ? text : ''));
  });
}

/** Whether the process, whose sockets are closed, is ending. */
async function ends(pid: number): Promise<boolean> {
  if (socketsOf(pid).length === 0 && exists(pid)) {
    // Most likely it never had any; one that has just ended is gone in a moment.
    await pause();
    return !exists(pid);
  }
  const last = performance.now() + ENDING;
  while (exists(pid) && performance.now() < last) await pause();
  return !exists(pid);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE));
}
