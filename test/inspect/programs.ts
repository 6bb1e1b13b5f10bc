/**
 * Programs that are looked into: Node processes of their own, and the command line `uvio` beside them.
 *
 * `body` is the body of a module with the names below in scope, `spin(ms)`, which blocks, and `inWorker(body)`, which starts
 * such a module in a worker thread. What programs print is awaited, never slept for. Sockets are where `env` says.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LIBRARY = new URL('../../src/index.js', import.meta.url).href;
export const CLI = fileURLToPath(new URL('../../src/inspect/cli.js', import.meta.url));
const sanitized = process.env.UVIO_SANITIZED !== undefined;
const LIMIT = sanitized ? 60_000 : 20_000;
const PAUSE = 10; // ms

const SPIN = `function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}`;

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
  errors: string;
}

/** A directory that goes when the test is over, and what sends sockets there. */
export class Scratch {
  readonly path = mkdtempSync(join(tmpdir(), 'uvio-inspect-'));
  readonly env = { XDG_RUNTIME_DIR: this.path, TMPDIR: this.path };

  /** Resolves when so many sockets are there to be asked. */
  async serves(count: number): Promise<void> {
    const folder = join(this.path, 'uvio');
    const last = performance.now() + LIMIT;
    while (!existsSync(folder) || readdirSync(folder).length < count) {
      if (performance.now() > last)
        throw new Error(`there never were ${count} sockets in ${folder}`);
      await pause(PAUSE);
    }
  }

  /** Resolves when all sockets are gone. */
  async servesNobody(): Promise<void> {
    const last = performance.now() + LIMIT;
    while (readdirSync(join(this.path, 'uvio')).length > 0) {
      if (performance.now() > last) throw new Error(`sockets stayed in ${this.path}`);
      await pause(PAUSE);
    }
  }

  /** Writes a file there, and gives its path. */
  write(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A running process whose output is read. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  #output = '';
  #errors = '';
  #changed: () => void = () => {};
  #over = false;

  constructor(command: string, parameters: readonly string[], options: ProgramOptions = {}) {
    this.child = spawn(command, parameters, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
      timeout: LIMIT,
      killSignal: 'SIGKILL',
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#changed();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
      this.#changed();
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      this.#over = true;
      this.#changed();
      return { code, signal, output: this.#output, errors: this.#errors };
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  get errors(): string {
    return this.#errors;
  }

  get output(): string {
    return this.#output;
  }

  /** Resolves when standard output has it. */
  printed(wanted: RegExp): Promise<RegExpExecArray> {
    return this.#has(() => wanted.exec(this.#output), wanted);
  }

  /** Resolves when standard error has it. */
  complained(wanted: RegExp): Promise<RegExpExecArray> {
    return this.#has(() => wanted.exec(this.#errors), wanted);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ending> {
    this.child.kill(signal);
    return await this.ended;
  }

  async #has(look: () => RegExpExecArray | null, wanted: RegExp): Promise<RegExpExecArray> {
    for (let found = look(); ; found = look()) {
      if (found !== null) return found;
      if (this.#over) {
        throw new Error(`it ended before ${wanted}\n${this.#output}\n${this.#errors}`);
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}

export interface ProgramOptions {
  flags?: readonly string[];
  env?: NodeJS.ProcessEnv;
  uid?: number;
}

const NAMES = [
  'Protocol',
  'createTask',
  'gather',
  'getRunningLoop',
  'logger',
  'newEventLoop',
  'openConnection',
  'run',
  'setLogger',
  'sleep',
  'taskGroup',
].join(', ');

const PRELUDE = `import * as uvio from ${JSON.stringify(LIBRARY)};
import { once } from 'node:events';
import { Worker, parentPort } from 'node:worker_threads';
const { ${NAMES} } = uvio;
${SPIN}
// Times in the programs are as much longer as a sanitizer makes everything.
const SLOW = ${sanitized ? 8 : 2};
`;

/** The module as text. */
export function sourceOf(body: string): string {
  return `${PRELUDE}
function inWorker(body) {
  const source = ${JSON.stringify(PRELUDE)} + body;
  return new Worker(new URL('data:text/javascript,' + encodeURIComponent(source)));
}
${body}`;
}

/** Starts a program of uvio's. */
export function start(body: string, options: ProgramOptions = {}): Program {
  const parameters = [...(options.flags ?? []), '--input-type=module', '--eval', sourceOf(body)];
  return new Program(process.execPath, parameters, options);
}

/** Runs a program of uvio's to its end. */
export function runToEnd(body: string, options?: ProgramOptions): Promise<Ending> {
  return start(body, options).ended;
}

/** Runs `uvio …` to its end. */
export function uvio(
  parameters: readonly (string | number)[],
  env: NodeJS.ProcessEnv,
): Promise<Ending> {
  return new Program(process.execPath, [CLI, ...parameters.map(String)], { env }).ended;
}

/** The URL by which stacks name a file. */
export function urlOf(path: string): string {
  return pathToFileURL(path).href;
}
