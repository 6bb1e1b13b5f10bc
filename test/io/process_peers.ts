/**
 * What the tests of subprocesses play with: a protocol that writes down its calls, and a program run to its end.
 */

import { readdirSync, readFileSync } from 'node:fs';
import {
  DEVNULL,
  type EventLoop,
  newEventLoop,
  type ProcessOptions,
  SubprocessProtocol,
  type SubprocessTransport,
  type WriteTransport,
} from 'uvio';
import { Deferred, Inbox } from './peers.js';

/** Writes down every call. */
export class ProcessRecorder extends SubprocessProtocol {
  readonly events: string[] = [];
  readonly stdout = new Inbox();
  readonly stderr = new Inbox();
  transport!: SubprocessTransport;
  readonly #exited = new Deferred<void>();
  readonly #lost = new Deferred<Error | null>();
  readonly exited = this.#exited.promise;
  /** What connectionLost was called with. */
  readonly lost = this.#lost.promise;

  override connectionMade(transport: SubprocessTransport): void {
    this.events.push('connectionMade');
    this.transport = transport;
  }

  override pipeDataReceived(fd: number, data: Buffer): void {
    const event = `data ${fd}`;
    if (!this.events.includes(event)) this.events.push(event);
    (fd === 2 ? this.stderr : this.stdout).push(data);
  }

  override pipeConnectionLost(fd: number, exception: Error | null): void {
    this.events.push(`lost ${fd}${exception === null ? '' : ` ${exception.message}`}`);
  }

  override processExited(): void {
    this.events.push('processExited');
    this.#exited.resolve();
  }

  override pauseWriting(): void {
    this.events.push('pauseWriting');
  }

  override resumeWriting(): void {
    this.events.push('resumeWriting');
  }

  override connectionLost(exception: Error | null): void {
    this.events.push('connectionLost');
    this.#lost.resolve(exception);
  }
}

export interface Finished {
  transport: SubprocessTransport;
  protocol: ProcessRecorder;
  returncode: number | null;
  stdout: string;
  stderr: string;
}

/** Waits until all is over. */
export async function finished(
  started: PromiseLike<[SubprocessTransport, ProcessRecorder]>,
): Promise<Finished> {
  const [transport, protocol] = await started;
  await protocol.lost;
  const returncode = transport.getReturncode();
  const [stdout, stderr] = [protocol.stdout.text(), protocol.stderr.text()];
  return { transport, protocol, returncode, stdout, stderr };
}

/** Runs a program to its end; it has nothing on its standard input. */
export function runProgram(
  loop: EventLoop,
  program: string,
  args: readonly (string | Uint8Array)[] = [],
  options: ProcessOptions = {},
): Promise<Finished> {
  const all = { stdin: DEVNULL, ...options };
  return finished(loop.subprocessExec(() => new ProcessRecorder(), program, args, all));
}

/** Runs a command line of /bin/sh to its end. */
export function runShell(
  loop: EventLoop,
  command: string,
  options: ProcessOptions = {},
): Promise<Finished> {
  return runProgram(loop, '/bin/sh', ['-c', command], options);
}

/** The transport of a child's standard input. */
export function inputOf(transport: SubprocessTransport): WriteTransport<string> {
  return transport.getPipeTransport(0) as WriteTransport<string>;
}

/** The children of this process that are there, zombies among them. */
export function children(pid: number | 'self' = 'self'): string[] {
  const found: string[] = [];
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      const list = readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').trim();
      if (list !== '') found.push(...list.split(' '));
    } catch {}
  }
  return found;
}

/** How many threads of this process have that name. */
export function threadsNamed(name: string): number {
  return readdirSync('/proc/self/task').filter((thread) => {
    try {
      return readFileSync(`/proc/self/task/${thread}/comm`, 'latin1').trim() === name;
    } catch {
      return false;
    }
  }).length;
}

/** Whether there is a process of that number that has not exited. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Whether a process on this machine was started with that argument. */
export function runsWith(argument: string): boolean {
  return readdirSync('/proc').some((name) => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0').includes(argument);
    } catch {
      return false;
    }
  });
}

/** Waits until `condition` holds, for a bounded number of turns. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`still waiting: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The first start opens a descriptor that stays: to be called before leavesNothingOpen(). */
export function startsPrograms(): void {
  before(async () => {
    const loop = newEventLoop();
    await runProgram(loop, 'true');
    loop.close();
  });
}
