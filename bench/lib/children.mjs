// The processes of a benchmark: servers and load generators, each with a name for error messages.
// Invariant: no child outlives this process. `stop` ends one in an orderly way; the exit hook kills
// what is left after an error or a signal.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const living = new Set();

export class Child {
  constructor(name, words) {
    this.name = name;
    this.errors = '';
    this.status = null;
    this.process = spawn(words[0], words.slice(1), {
      stdio: 'pipe',
      env: { ...process.env, DENO_NO_UPDATE_CHECK: '1' },
    });
    living.add(this);
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.process.stderr.on('data', (text) => {
      this.errors = (this.errors + text).slice(-2000);
    });
    this.process.stdin.on('error', () => {}); // it ended first, which its status tells better
    this.process.on('error', (error) => {
      this.errors += error.message;
    });
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code, signal) => {
        this.status = signal ?? code;
        living.delete(this);
        resolve(this.status);
      });
    });
  }

  get pid() {
    return this.process.pid;
  }

  // The next line of stdout; a child that ends or stays silent instead is an error.
  async line(seconds) {
    const patience = new AbortController();
    const silence = delay(seconds * 1000, null, { signal: patience.signal }).catch(() => null);
    const next = await Promise.race([this.lines.next(), silence]);
    patience.abort();
    if (next === null) throw new Error(`${this.name} said nothing for ${seconds} seconds`);
    if (next.done) throw await this.failure();
    return next.value;
  }

  async failure() {
    await this.ended;
    return new Error(`${this.name} ended (${this.status}): ${this.errors.trim() || 'no message'}`);
  }

  async stop() {
    if (this.status !== null) return;
    this.process.kill('SIGTERM');
    const stubborn = setTimeout(() => this.process.kill('SIGKILL'), 3000);
    await this.ended;
    clearTimeout(stubborn);
  }
}

// Only the exit hook ends children at once; `process.exit` on a signal leads here too.
process.on('exit', () => {
  for (const child of living) child.process.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  once(process, signal).then(() => process.exit(1));
}
