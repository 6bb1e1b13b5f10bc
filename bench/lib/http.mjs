// One measurement of one HTTP server under wrk: CPU time of the server for a request, and what wrk says.
// Invariants: as in measure.mjs; an answer that is none, or a lost connection, ends the run with an error.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Child } from './children.mjs';
import { LOAD_CORE, MEASURED_CORE, pinned } from './cores.mjs';
import { startServer, withServer } from './measure.mjs';

const WARMUP_SECONDS = 2; // V8 takes longer to know all of http than an echo
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

export const lackOfWrk = () => {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'ignore' });
  } catch (error) {
    // It says its version and calls that a failure.
    return error.code === 'ENOENT' && 'not installed: apt install wrk';
  }
  return false;
};

// User and system time, in seconds, of all threads.
function cpuSeconds(pid) {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .split(') ')[1]
    .split(' ')
    .slice(11);
  return (Number(user) + Number(system)) / TICKS;
}

const UNITS = { us: 1, ms: 1000, s: 1_000_000 };

function microseconds(report, percentile) {
  const [, value, unit] = new RegExp(`^ +${percentile}% +([\\d.]+)(us|ms|s)$`, 'm').exec(report);
  return Number(value) * UNITS[unit];
}

async function runWrk(server, connections, seconds) {
  const words = ['--latency', '-t', '1', '-c', connections, '-d', `${Math.ceil(seconds)}s`];
  const url = `http://127.0.0.1:${server.port}/`;
  const name = `${server.child.name}: wrk`;
  const child = new Child(name, pinned(LOAD_CORE, ['wrk', ...words, url].map(String)));
  let report = '';
  for await (const line of child.lines) report += `${line}\n`;
  if ((await child.ended) !== 0) throw await child.failure();
  const problem = /Socket errors.*|Non-2xx.*/.exec(report);
  if (problem !== null) throw new Error(`${name}: ${problem[0]}`);
  const [, requests, elapsed] = /^ +(\d+) requests in ([\d.]+)s/m.exec(report);
  return { report, requests: Number(requests), elapsed: Number(elapsed) };
}

export function measureHttp(peer, { connections }, seconds) {
  const starting = startServer(peer.name, MEASURED_CORE, [...peer.http, '--port', '0']);
  return withServer(starting, async (server) => {
    await runWrk(server, connections, WARMUP_SECONDS);
    const before = cpuSeconds(server.child.pid);
    const { report, requests, elapsed } = await runWrk(server, connections, seconds);
    const cpu = cpuSeconds(server.child.pid) - before;
    return {
      cpu: (cpu / requests) * 1e6,
      throughput: requests / elapsed,
      p50: microseconds(report, 50),
      p99: microseconds(report, 99),
      busy: (cpu / elapsed) * 100,
    };
  });
}
