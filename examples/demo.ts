/*
 * What `npm start` runs: checks both key-value servers (uvio and its node:net twin) with a real
 * client, puts the same load on both in turns, and prints the figures side by side; then the build farm
 * goes through this repository. Invariants: the exit code is 0 only if everything worked; no child
 * process outlives this one.
 */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Redis } from 'ioredis';
import { run } from 'uvio';
import { farm, filesBelow } from './build-farm.js';
import { readFarmOptions } from './farm/command-line.js';
import { checkServer, closeClient, openClient } from './kv/checks.js';
import { killChildren } from './kv/children.js';
import { chooseGenerator, type Generator, ownDriver } from './kv/load.js';
import { printTable, type Sample } from './kv/report.js';
import { ServerProcess } from './kv/server-process.js';
import { main as serve } from './kv-server.js';

const HELP = `Usage:
  npm start                                   compare the uvio server with its node:net twin, and
                                              compress and hash this repository by many processes
  npm start -- serve [--host H] [--port P]    serve, by default on 127.0.0.1:6379
  npm start -- --help                         this

Options of the comparison:
  --rounds N         how often each load is put on each server (5)
  --seconds S        about how long each time (1.2)
  --own-driver       use examples/kv/driver even if redis-benchmark is installed
`;

const LOADS = [
  { title: 'no pipelining', pipeline: 1 },
  { title: 'pipeline of 16', pipeline: 16 },
];
/** So many requests show how many a run of the wanted length needs. */
const TRIAL_REQUESTS = 15_000;

interface Contender {
  server: ServerProcess;
  client: Redis;
}

interface Options {
  rounds: number;
  seconds: number;
  generator: Generator;
}

async function compare({ rounds, seconds, generator }: Options): Promise<void> {
  const contenders = [
    await startContender('uvio', 'kv-server.js'),
    await startContender('node:net', 'kv-server-net.js'),
  ] as const;
  for (const { server, client } of contenders) {
    const checked = await checkServer(client);
    console.log(`${server.name}: checked with ioredis\n  ${checked.join('\n  ')}`);
  }
  console.log(`\nSET, GET and INCR from 50 connections by ${generator.name}, ${rounds} rounds:`);
  for (const { title, pipeline } of LOADS) {
    const trials = [];
    for (const contender of contenders) {
      trials.push(await measure(contender, generator, pipeline, TRIAL_REQUESTS * pipeline ** 0.5));
    }
    const perSecond = Math.min(...trials.map((trial) => trial.perSecond));
    const requests = Math.ceil(perSecond * seconds);
    const samples: [Sample[], Sample[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      // A B, then B A: what drifts on the machine falls on both alike.
      for (const which of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        samples[which].push(await measure(contenders[which], generator, pipeline, requests));
      }
    }
    printTable(title, [contenders[0].server.name, contenders[1].server.name], samples);
  }
  for (const { server, client } of contenders) {
    await closeClient(client);
    await server.stop();
  }
}

async function startContender(name: string, module: string): Promise<Contender> {
  const server = await ServerProcess.start(name, module);
  return { server, client: await openClient(server.port) };
}

async function measure(
  { server, client }: Contender,
  generator: Generator,
  pipeline: number,
  requests: number,
): Promise<Sample> {
  const before = await server.cpuTime(client);
  const result = await generator.run({
    host: '127.0.0.1',
    port: server.port,
    clients: 50,
    pipeline,
    requests: Math.ceil(requests),
    size: 64,
    keys: 10_000,
  });
  const cpu = (await server.cpuTime(client)) - before;
  return { ...result, cpuPerRequest: cpu / result.requests };
}

/** This repository's own files. */
async function* ownFiles(root: string): AsyncGenerator<string> {
  for (const folder of ['src', 'native', 'test', 'examples', 'docs']) {
    yield* filesBelow(root, join(root, folder));
  }
}

async function showFarm(): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const options = readFarmOptions([root]);
  if (options === null) return;
  console.log(`\ngzip, wc and sha256sum on this repository's files, ${options.jobs} at a time:`);
  await run(() => farm(options, ownFiles(root)));
}

async function main(argv: readonly string[]): Promise<void> {
  if (argv[0] === 'serve') {
    await serve(argv.slice(1));
    return;
  }
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '1.2' },
      'own-driver': { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  process.once('exit', killChildren);
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  await compare({
    rounds: Math.max(1, Number(values.rounds)),
    seconds: Number(values.seconds),
    generator: values['own-driver'] ? ownDriver : await chooseGenerator(),
  });
  await showFarm();
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error);
  process.exit(1);
}
