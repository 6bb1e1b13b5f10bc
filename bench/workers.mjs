// The key-value server of examples/ on one worker and on two, under redis-benchmark: requests a second, and processor time
// of the server for each request. Rounds alternate; medians and ranges.
//
// Two workers can only serve more where there are processors for them besides those of the load: with as many as are
// here, said in the first line, see bench/README.md.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const server = fileURLToPath(new URL('../dist/examples/kv-server.js', import.meta.url));
const [rounds = 5, requests = 600_000] = process.argv.slice(2).map(Number);
const TICKS_PER_SECOND = 100;

function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function measure(workers) {
  const args = [server, '--port', '0', '--workers', String(workers)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [announced] = await once(child.stdout, 'data');
  const port = /:(\d+)\n/.exec(announced)[1];
  const load = (count) =>
    execFileSync(
      'redis-benchmark',
      ['-p', port, '-t', 'get', '-c', '50', '-P', '4', '-n', count, '--csv'],
      {
        encoding: 'utf8',
      },
    );
  load(requests / 10);
  const before = cpuSeconds(child.pid);
  const perSecond = Number(/"GET","([\d.]+)"/.exec(load(requests))[1]);
  const cpu = ((cpuSeconds(child.pid) - before) / requests) * 1e6;
  child.kill('SIGTERM');
  await once(child, 'close');
  return { perSecond, cpu };
}

const results = { 1: [], 2: [] };
for (let round = 0; round < rounds; round++) {
  for (const workers of [1, 2]) results[workers].push(await measure(workers));
}
console.log(`${availableParallelism()} processors, ${rounds} rounds of ${requests} requests`);
for (const [workers, measured] of Object.entries(results)) {
  for (const [what, unit, digits] of [
    ['perSecond', 'requests/s', 0],
    ['cpu', 'µs of the server per request', 2],
  ]) {
    const sorted = measured.map((one) => one[what]).sort((left, right) => left - right);
    const [low, median, high] = [0, Math.floor(sorted.length / 2), sorted.length - 1].map((at) =>
      sorted[at].toFixed(digits),
    );
    console.log(`${workers} worker(s): ${median} ${unit} (${low} to ${high})`);
  }
}
