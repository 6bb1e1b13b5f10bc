/*
 * The options of the build farm, and what it says: a progress line on a terminal, a summary at the end.
 */

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Built } from './build.js';

export const HELP = `Usage: build-farm [FOLDER] [options]

Compresses and hashes every file below FOLDER with gzip and sha256sum, many at a time.

  --output DIR      where the compressed files go; by default nowhere, they are counted and dropped
  --jobs N          how many files at a time (twice the processors)
  --timeout MS      the longest that one file may take (60000)
  --help            this
`;

export interface FarmOptions {
  folder: string;
  output: string | null;
  jobs: number;
  timeout: number;
}

/** @returns null when only help is wanted */
export function readFarmOptions(argv: readonly string[]): FarmOptions | null {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      output: { type: 'string' },
      jobs: { type: 'string', default: String(2 * availableParallelism()) },
      timeout: { type: 'string', default: '60000' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  if (positionals.length > 1) throw new Error(`one folder is wanted, not ${positionals.length}`);
  return {
    folder: positionals[0] ?? '.',
    output: values.output ?? null,
    jobs: positive('--jobs', values.jobs),
    timeout: positive('--timeout', values.timeout),
  };
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`${name} wants a number from 1, not ${text}`);
}

/** A line that is written over and over on a terminal, and nowhere else. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #done = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  tick(path: string): void {
    this.#done++;
    if (!this.#stream.isTTY) return;
    const width = Math.max(20, this.#stream.columns - 1);
    this.#stream.write(`\r\x1b[K${`${this.#done} files: ${path}`.slice(0, width)}`);
  }

  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }
}

export function summary(built: readonly Built[], milliseconds: number): string {
  const sum = (of: (one: Built) => number) => built.reduce((total, one) => total + of(one), 0);
  const size = sum((one) => one.size);
  const compressed = sum((one) => one.compressed);
  const share = size === 0 ? 100 : (100 * compressed) / size;
  const processes = sum((one) => one.processes);
  return [
    `${built.length} files, ${kibibytes(size)} → ${kibibytes(compressed)} (${share.toFixed(0)} %)`,
    `${processes} processes in ${(milliseconds / 1000).toFixed(2)} s`,
    `${Math.round((1000 * processes) / milliseconds)} per second`,
  ].join(', ');
}

function kibibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KiB`;
}
