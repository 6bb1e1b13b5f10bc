/**
 * `uvio top`: asks again and again, and draws what it hears, until the process ends or somebody types q.
 *
 * On a terminal it has the alternate screen, which is given back whatever happens; elsewhere pictures follow each other
 * as plain text.
 */

import { InspectionError, inspectProcess, type Thread } from './client.js';
import { childrenOf } from './processes.js';
import { ratesOf } from './rates.js';
import { isResponding } from './threads_text.js';
import { topLines } from './top_text.js';

export interface TopOptions {
  json: boolean;
  /** Milliseconds between two pictures. */
  interval: number;
  /** How many pictures; without it, until the end. */
  count: number;
}

const ESCAPE = '\u001b[';
const ENTER_SCREEN = `${ESCAPE}?1049h${ESCAPE}?25l`;
const LEAVE_SCREEN = `${ESCAPE}?25h${ESCAPE}?1049l`;
const HOME = `${ESCAPE}H`;
const CLEAR_TO_LINE_END = `${ESCAPE}K`;
const CLEAR_BELOW = `${ESCAPE}J`;
const CTRL_C = '\u0003';

/** Where pictures go. */
interface Screen {
  show(lines: readonly string[]): void;
  close(): void;
}

/** @throws InspectionError when there is no first answer */
export async function top(pid: number, options: TopOptions): Promise<void> {
  let before: Thread[] = [];
  let now = await inspectProcess(pid);
  const stop = new AbortController();
  const onTerminal = process.stdout.isTTY === true && !options.json;
  const screen = onTerminal ? new Terminal(() => stop.abort()) : new Plain(options.json);
  let ended = false;
  try {
    for (let drawn = 1; ; drawn++) {
      screen.show(options.json ? [jsonLine(pid, before, now)] : topLines(pid, before, now));
      if (drawn >= options.count) return;
      await pause(options.interval, stop.signal);
      if (stop.signal.aborted) return;
      before = now;
      now = await inspectProcess(pid);
    }
  } catch (error) {
    if (!(error instanceof InspectionError) || !error.gone) throw error;
    ended = true;
  } finally {
    screen.close();
    if (ended) process.stderr.write(`process ${pid} has ended\n`);
  }
}

function jsonLine(pid: number, before: readonly Thread[], threads: readonly Thread[]): string {
  const rates = threads.filter(isResponding).flatMap(({ threadId, loops }) =>
    loops.map((loop, index) => ({
      threadId,
      loop: index + 1,
      ...ratesOf(before, threadId, index, loop),
    })),
  );
  return JSON.stringify({ pid, rates, children: childrenOf(pid), threads });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, milliseconds);
    function finish(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    }
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}

/** A file or a pipe. */
class Plain implements Screen {
  readonly #together: boolean;
  #shown = 0;

  constructor(together: boolean) {
    this.#together = together;
  }

  show(lines: readonly string[]): void {
    const gap = this.#together || this.#shown++ === 0 ? '' : '\n';
    process.stdout.write(`${gap}${lines.join('\n')}\n`);
  }

  close(): void {}
}

class Terminal implements Screen {
  readonly #onKey: (key: Buffer) => void;
  readonly #onResize: () => void;
  readonly #quit: () => void;
  #lines: readonly string[] = [];

  constructor(quit: () => void) {
    this.#quit = quit;
    this.#onKey = (key) => {
      if (['q', 'Q', CTRL_C].includes(key.toString())) quit();
    };
    this.#onResize = () => this.#draw();
    process.stdout.write(ENTER_SCREEN);
    process.stdout.on('resize', this.#onResize);
    process.on('SIGTERM', quit);
    process.on('SIGINT', quit);
    if (process.stdin.isTTY !== true) return;
    process.stdin.setRawMode(true);
    process.stdin.on('data', this.#onKey);
  }

  show(lines: readonly string[]): void {
    this.#lines = lines;
    this.#draw();
  }

  close(): void {
    process.stdout.off('resize', this.#onResize);
    process.off('SIGTERM', this.#quit);
    process.off('SIGINT', this.#quit);
    if (process.stdin.isTTY === true) {
      process.stdin.off('data', this.#onKey);
      process.stdin.setRawMode(false);
      process.stdin.pause();
    }
    process.stdout.write(LEAVE_SCREEN);
  }

  /** As much as the terminal has room for. */
  #draw(): void {
    const { rows = 24, columns = 80 } = process.stdout;
    const shown = this.#lines
      .slice(0, rows - 1)
      .map((line) => `${[...line].slice(0, columns).join('')}${CLEAR_TO_LINE_END}\r\n`);
    process.stdout.write(`${HOME}${shown.join('')}${CLEAR_BELOW}`);
  }
}
