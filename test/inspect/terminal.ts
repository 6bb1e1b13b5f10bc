/**
 * A real terminal, by tmux: what a command draws on it, and keys typed into it.
 *
 * Each terminal is a tmux server of its own, by a name of its own, that ends with the test.
 */

import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

const LIMIT = 15_000; // ms
const PAUSE = 50; // ms
const COLUMNS = 120;
const ROWS = 40;
let terminals = 0;

export function hasTmux(): boolean {
  return spawnSync('tmux', ['-V']).status === 0;
}

export class Terminal {
  readonly #name = `uvio-test-${process.pid}-${++terminals}`;

  /** Starts the command in it; the terminal stays when the command has ended. */
  constructor(command: readonly string[], env: Record<string, string>) {
    const variables = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const size = ['-x', String(COLUMNS), '-y', String(ROWS)];
    const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    this.#tmux([
      'new-session',
      '-d',
      ...size,
      ...variables,
      `${quoted}; echo "ended with $?"; cat`,
    ]);
  }

  /** The screen, once it shows what is wanted. */
  async shows(wanted: RegExp): Promise<string> {
    const last = performance.now() + LIMIT;
    let screen = '';
    while (performance.now() < last) {
      screen = this.#tmux(['capture-pane', '-p']);
      if (wanted.test(screen)) return screen;
      await pause(PAUSE);
    }
    throw new Error(`the terminal never showed ${wanted}:\n${screen}`);
  }

  type(key: string): void {
    this.#tmux(['send-keys', key]);
  }

  resize(columns: number, rows: number): void {
    this.#tmux(['resize-window', '-x', String(columns), '-y', String(rows)]);
  }

  close(): void {
    this.#tmux(['kill-server']);
  }

  #tmux(parameters: readonly string[]): string {
    const all = ['-u', '-L', this.#name, '-f', '/dev/null', ...parameters];
    return spawnSync('tmux', all, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
      .stdout;
  }
}
