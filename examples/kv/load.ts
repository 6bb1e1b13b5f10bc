/*
 * Load on a server from another process: redis-benchmark where there is one, else driver.ts. Both
 * run the same number of SET, GET and INCR requests and report in the same terms. Invariant: a run
 * that ended in anything but success throws.
 */

import { fileURLToPath } from 'node:url';
import { outputOf } from './children.js';
import type { Load, LoadResult } from './driver.js';

export interface Generator {
  readonly name: string;
  run(load: Load): Promise<LoadResult>;
}

const DRIVER = fileURLToPath(new URL('./driver.js', import.meta.url));
const TESTS = ['set', 'get', 'incr'];

/** The generator in this repository. */
export const ownDriver: Generator = {
  name: 'examples/kv/driver',
  async run(load) {
    const output = await outputOf(process.execPath, [DRIVER, '--load', JSON.stringify(load)]);
    return JSON.parse(output) as LoadResult;
  },
};

const redisBenchmark: Generator = {
  name: 'redis-benchmark',
  async run(load) {
    const perTest = Math.ceil(load.requests / TESTS.length);
    const flags = {
      '-h': load.host,
      '-p': load.port,
      '-c': load.clients,
      '-P': load.pipeline,
      '-n': perTest,
      '-d': load.size,
      '-r': load.keys,
      '-t': TESTS.join(),
    };
    const words = Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)]);
    return readBenchmark(await outputOf('redis-benchmark', ['--csv', ...words]), perTest);
  },
};

/** redis-benchmark if it is installed and new enough (6.2) to report latencies, else our own. */
export async function chooseGenerator(): Promise<Generator> {
  try {
    const version = /(\d+)\.(\d+)/.exec(await outputOf('redis-benchmark', ['--version']));
    const enough = version !== null && Number(version[1]) * 100 + Number(version[2]) >= 602;
    return enough ? redisBenchmark : ownDriver;
  } catch {
    return ownDriver;
  }
}

/**
 * Reads redis-benchmark's table, a line for each kind of request. The kinds run one after another,
 * so the throughput is that of them all, and a latency is the mean of the three.
 */
export function readBenchmark(csv: string, perTest: number): LoadResult {
  const rows = csv
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')));
  const header = rows.shift() ?? [];
  const column = (name: string) =>
    rows.map((row) => {
      const value = Number(row[header.indexOf(name)]);
      if (Number.isNaN(value)) {
        throw new Error(`redis-benchmark reported no ${name}:\n${csv}`);
      }
      return value;
    });
  const seconds = sum(column('rps').map((rate) => perTest / rate));
  return {
    requests: perTest * rows.length,
    perSecond: (perTest * rows.length) / seconds,
    p50: sum(column('p50_latency_ms')) / rows.length,
    p99: sum(column('p99_latency_ms')) / rows.length,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
