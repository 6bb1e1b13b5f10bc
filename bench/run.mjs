// The benchmark: loads every echo server in turn and reports what a message costs each.
// Invariants: runs are interleaved (A B C A B C …), so that a ratio compares neighbours in time; what
// cannot be measured is skipped by name, what fails ends the run with exit code 1 naming the peer.
// Usage: node bench/run.mjs [--work echo-1k,…] [--rounds 5] [--seconds 3] [--peers a,b] [--json FILE]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { canPin, measureEcho, measureIdle } from './lib/measure.mjs';
import { findPeers, peerNames, usualPeers } from './lib/peers.mjs';
import { plot } from './lib/plot.mjs';
import { compilePrograms } from './lib/programs.mjs';
import { summarise } from './lib/statistics.mjs';
import { table } from './lib/table.mjs';
import { works } from './lib/works.mjs';

const BASELINES = ['libuv', 'node-net'];

const defaultFile = fileURLToPath(new URL('results/latest.json', import.meta.url));

function choose(option, text, known) {
  const names = text.split(',').filter(Boolean);
  const unknown = names.filter((name) => !known.includes(name));
  if (names.length === 0 || unknown.length > 0) {
    throw new Error(
      `--${option}: choose from ${known.join(',')}${unknown.map((n) => `, not ${n}`)}`,
    );
  }
  return names;
}

function positive(option, text, least) {
  const value = Number(text);
  if (!(value >= least)) throw new Error(`--${option}: a number of at least ${least} is needed`);
  return value;
}

function readOptions() {
  const text = { type: 'string' };
  const { values } = parseArgs({
    options: {
      work: { ...text, default: Object.keys(works).join(',') },
      peers: { ...text, default: usualPeers.join(',') },
      rounds: { ...text, default: '5' },
      seconds: { ...text, default: '3' },
      json: { ...text, default: defaultFile },
    },
  });
  return {
    work: choose('work', values.work, Object.keys(works)),
    peers: choose('peers', values.peers, peerNames),
    rounds: Math.floor(positive('rounds', values.rounds, 1)),
    seconds: positive('seconds', values.seconds, 0.1),
    json: values.json,
  };
}

// Node raises its own soft limit to the hard one, and its children inherit that.
function lackOfFiles(connections) {
  const text = readFileSync('/proc/self/limits', 'utf8');
  const hard = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(text)?.[1] ?? Infinity);
  return hard < connections + 100 && `needs ${connections + 100} open files, the limit is ${hard}`;
}

const progress = (text) => process.stderr.write(`${text}\n`);

async function inRounds(name, peers, rounds, measure) {
  const runs = Object.fromEntries(peers.map((peer) => [peer.name, []]));
  for (let round = 1; round <= rounds; round++) {
    progress(`${name}: round ${round} of ${rounds}`);
    for (const peer of peers) runs[peer.name].push(await measure(peer));
  }
  return runs;
}

async function main() {
  const options = readOptions();
  compilePrograms();
  const { found, skipped } = findPeers(options.peers);
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    kernel: release(),
    pinned: canPin,
  };
  const versions = Object.fromEntries(found.map((peer) => [peer.name, peer.version]));

  console.log(`machine: ${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}`);
  if (!canPin) console.log('not pinned to cores: needs two of them and taskset');
  for (const [name, version] of Object.entries(versions)) console.log(`${name}: ${version}`);

  const results = {};
  for (const name of options.work) {
    const work = works[name];
    const peers = found.filter((peer) => !work.peers || work.peers.includes(peer.name));
    const lack = work.kind === 'idle' && lackOfFiles(work.connections);
    if (lack || peers.length === 0) {
      skipped.push(`${name} (${lack || 'none of its peers is here'})`);
      continue;
    }
    const runs = await inRounds(name, peers, options.rounds, (peer) =>
      work.kind === 'idle'
        ? measureIdle(peer, work.connections)
        : measureEcho(peer, work.load, options.seconds),
    );
    results[name] = { ...work, peers: summarise(runs, work.figures, BASELINES) };
    console.log(`\n${name}: ${work.title}\n\n${table(results[name])}`);
  }

  if (skipped.length > 0) console.log(`\n${skipped.map((what) => `skipped: ${what}`).join('\n')}`);
  const { rounds, seconds } = options;
  const report = { machine, versions, skipped, rounds, seconds, works: results };
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(`${options.json.replace(/\.json$/, '')}.svg`, plot(results));
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exit(1);
}
