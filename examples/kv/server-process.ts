/*
 * A key-value server as a child process: started on a free port, asked for its CPU time, ended.
 * Invariant: start() resolves only when the server listens, stop() only when it ended as it should.
 */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { type Child, startChild } from './children.js';
import { readAnnouncement } from './command-line.js';

/** Linux tells CPU time in hundredths of a second, whatever the kernel's own tick is. */
const MICROSECONDS_PER_TICK = 10_000;
const GRACE = 3000;

export class ServerProcess {
  private constructor(
    readonly name: string,
    readonly port: number,
    private readonly child: Child,
  ) {}

  /** Starts a module of examples/. */
  static async start(name: string, module: string): Promise<ServerProcess> {
    const file = fileURLToPath(new URL(`../${module}`, import.meta.url));
    const child = startChild(process.execPath, [file, '--port', '0']);
    child.stderr.pipe(process.stderr, { end: false });
    const port = await new Promise<number>((resolve, reject) => {
      let output = '';
      child.stdout.on('data', (chunk) => {
        output += chunk;
        const announced = readAnnouncement(output);
        if (announced !== undefined) {
          resolve(announced);
        }
      });
      child.once('error', reject);
      child.once('close', () => reject(new Error(`${name} ended before it listened`)));
    });
    return new ServerProcess(name, port, child);
  }

  /** User and system time that the server has used, in microseconds, from the system if it can say. */
  async cpuTime(client: Redis): Promise<number> {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'latin1');
      // The name, in brackets, may hold blanks: count from behind it.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
    }
    const seconds = [...(await client.info('cpu')).matchAll(/^used_cpu_\w+:([\d.]+)/gm)];
    return seconds.reduce((total, match) => total + Number(match[1]) * 1e6, 0);
  }

  /** Asks the server to end; throws if it does not, or not cleanly. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      const impatience = setTimeout(() => this.child.kill('SIGKILL'), GRACE);
      await ended;
      clearTimeout(impatience);
    }
    if (this.child.exitCode !== 0) {
      throw new Error(
        `${this.name} ended with ${this.child.exitCode ?? this.child.signalCode}, not with 0`,
      );
    }
  }
}
