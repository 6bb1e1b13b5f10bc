// The benchmark: measures every peer in turn and reports what a message or an operation costs each.
// Invariants: runs are interleaved (A B C A B C …), so that a ratio compares neighbours in time; what
// cannot be measured is skipped by name, what fails ends the run with exit code 1 naming the peer.
// Usage: node bench/run.mjs [--work echo-1k,…] [--rounds 5] [--seconds 3] [--peers a,b] [--json FILE]
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { canPin } from './lib/cores.mjs';
import { grid } from './lib/grid.mjs';
import { missingOperations, summariseOperations } from './lib/operations.mjs';
import { findPeers, peerNames, takesPart, usualPeers } from './lib/peers.mjs';
import { plot } from './lib/plot.mjs';
import { compilePrograms } from './lib/programs.mjs';
import { summarise } from './lib/statistics.mjs';
import { table } from './lib/table.mjs';
import { works } from './lib/works.mjs';

const BASELINES = ['libuv', 'node-net', 'node-tls', 'node-dgram', 'node-http', 'child_process'];

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

const progress = (text) => process.stderr.write(`${text}\n`);

async function inRounds(name, peers, rounds, measure) {
  const runs = Object.fromEntries(peers.map((peer) => [peer.name, []]));
  for (let round = 1; round <= rounds; round++) {
    progress(`${name}: round ${round} of ${rounds}`);
    for (const peer of peers) runs[peer.name].push(await measure(peer));
  }
  return runs;
}

// What the runs of one work come to: for the file, for the terminal, and what is not there yet.
function report(work, runs) {
  if (work.operations === undefined) {
    const peers = summarise(runs, work.figures, work.baselines ?? BASELINES);
    const result = { ...work, peers };
    return { result, shown: table(result), missing: [] };
  }
  const result = { ...work, operations: summariseOperations(runs, work) };
  const shown = grid(result, Object.keys(runs));
  return { result, shown, missing: missingOperations(runs, work) };
}

async function main() {
  const options = readOptions();
  const chosen = options.work.map((name) => works[name]);
  if (chosen.some((work) => 'load' in work || work.program === 'server')) compilePrograms();
  const { found, skipped } = findPeers(options.peers, chosen);
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
    const peers = found.filter((peer) => takesPart(peer, work));
    const lack = work.lack?.();
    if (lack || peers.length === 0) {
      skipped.push(`${name} (${lack || 'none of its peers is here'})`);
      continue;
    }
    const runs = await inRounds(name, peers, options.rounds, (peer) => work.measure(peer, options));
    const { result, shown, missing } = report(work, runs);
    results[name] = result;
    skipped.push(...missing.map((what) => `${name}: ${what}`));
    console.log(`\n${name}: ${work.title}\n\n${shown}`);
  }

  if (skipped.length > 0) console.log(`\n${skipped.map((what) => `skipped: ${what}`).join('\n')}`);
  const { rounds, seconds } = options;
  const summary = { machine, versions, skipped, rounds, seconds, works: results };
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(summary, null, 2)}\n`);
  writeFileSync(`${options.json.replace(/\.json$/, '')}.svg`, plot(results));
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exit(1);
}
