/**
 * Other processes and worker threads that run a function of a test.
 *
 * The function is sent as text, so it may use nothing from around it but its arguments: uvio, what
 * `modules` below gives, and plain data. Every child is killed by its own pid when it takes too long,
 * and that fails the test: a hang is what many of these tests are about.
 */

import { deepEqual } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type * as Uvio from 'uvio';

interface Report {
  header: { glibcVersionRuntime?: string };
}

/** What this platform's prebuild is called. */
export function platformName(): string {
  const name = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return name;
  const { header } = process.report.getReport() as unknown as Report;
  return header.glibcVersionRuntime === undefined ? `${name}-musl` : name;
}

export const root = fileURLToPath(new URL('../../..', import.meta.url));
const entry = new URL('../../src/index.js', import.meta.url).href;
const addon = new URL('../../src/binding/addon.js', import.meta.url).href;
const peers = new URL('./peers.js', import.meta.url).href;
const datagramPeers = new URL('./datagram_peers.js', import.meta.url).href;
const processPeers = new URL('./process_peers.js', import.meta.url).href;
const sanitized = process.env.UVIO_SANITIZED !== undefined;

type Peers = typeof import('./peers.js') &
  typeof import('./datagram_peers.js') &
  typeof import('./process_peers.js');

/** What a program may use: everything of peers.ts, datagram_peers.ts and process_peers.ts, the native addon, and these modules of Node. */
export interface Modules extends Peers {
  native: typeof import('../../src/binding/addon.js').native;
  net: typeof import('node:net');
  http: typeof import('node:http');
  events: typeof import('node:events');
  childProcess: typeof import('node:child_process');
  threads: typeof import('node:worker_threads');
  fs: typeof import('node:fs');
}

export type Program<D> = (uvio: typeof Uvio, modules: Modules, data: D) => unknown;

/** The program as text that `node --eval` and an eval'd Worker can run. */
export function sourceOf<D>(program: Program<D>, data: D, descriptors?: number): string {
  // After the modules are loaded, of which Node opens more at a time than are left.
  const limit =
    descriptors === undefined
      ? ''
      : `childProcess.execFileSync('prlimit', ['--pid', process.pid, '--nofile=${descriptors}']);`;
  const names = ['net', 'http', 'events', 'child_process', 'worker_threads', 'fs'];
  const files = [entry, addon, peers, datagramPeers, processPeers];
  return `
    Promise.all(${JSON.stringify([...files, ...names.map((name) => `node:${name}`)])}
      .map((name) => import(name)))
      .then(([uvio, { native }, peers, datagramPeers, processPeers, net, http, events, childProcess, threads, fs]) => {
        ${limit}
        return (${program})(
          uvio,
          { native, ...peers, ...datagramPeers, ...processPeers, net, http, events, childProcess, threads, fs },
          ${JSON.stringify(data ?? null)},
        );
      });`;
}

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Milliseconds until the child is killed; three times as many under a sanitizer. */
  timeout?: number;
  execArgv?: string[];
  /** The most descriptors that a program of runProcess() may have. */
  descriptors?: number;
  /** Where strace writes the child's system calls of these names, if it is installed. */
  trace?: { file: string; calls: string };
  /** A system call that strace has fail, if it is installed. */
  refused?: { call: string; error: string };
  env?: Record<string, string | undefined>;
  /** Called with the child once it runs. */
  onSpawn?: (child: ChildProcess) => void;
}

/** Runs a program in a process of its own, to its end. */
export function runProcess<D = undefined>(
  program: Program<D>,
  options: RunOptions = {},
  data?: D,
): Promise<Outcome> {
  return runNode(['--eval', sourceOf(program, data as D, options.descriptors)], options);
}

/** The arguments with which strace has a system call fail. */
export function refusing(call: string, error: string): string[] {
  return [
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:error=${error}`,
  ];
}

function commandLine(all: string[], options: RunOptions): [string, string[]] {
  const { trace, refused } = options;
  if (trace !== undefined) {
    const own = ['-f', '-qq', '-o', trace.file, '-e', `trace=${trace.calls}`];
    return ['strace', [...own, process.execPath, ...all]];
  }
  if (refused !== undefined) {
    const own = refusing(refused.call, refused.error);
    return ['strace', [...own, process.execPath, ...all]];
  }
  return [process.execPath, all];
}

/** Runs node with these arguments, to its end. */
export function runNode(parameters: string[], options: RunOptions = {}): Promise<Outcome> {
  const all = ['--expose-gc', ...(options.execArgv ?? []), ...parameters];
  const [command, given] = commandLine(all, options);
  return runCommand(command, given, options);
}

/** Runs any program, to its end. */
export function runCommand(
  command: string,
  given: string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(command, given, {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.onSpawn?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const milliseconds = (options.timeout ?? 15_000) * (sanitized ? 3 : 1);
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, milliseconds);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (timedOut) {
        reject(new Error(`the child hung for ${milliseconds} ms\n${stdout}\n${stderr}`));
      } else resolve({ code, signal, stdout, stderr });
    });
  });
}

/** Fails unless the program printed exactly these lines and ended with code 0. */
export function assertPrinted(outcome: Outcome, ...lines: string[]): void {
  deepEqual(outcome, {
    code: 0,
    signal: null,
    stdout: lines.map((line) => `${line}\n`).join(''),
    stderr: '',
  });
}

/** Starts a program in a worker thread. */
export function startWorker<D = undefined>(program: Program<D>, data?: D): Worker {
  return new Worker(sourceOf(program, data as D), { eval: true });
}
