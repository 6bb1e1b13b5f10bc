// What is measured: the works by name. A work says which program of a peer it runs, how, and what its table
// shows: either `figures`, one table row for each peer, or `operations`, one row for each of those.
// Invariant: the first of the figures, and each operation, is what ratios are made of, and less of it is
// better; the plot compares it with `baseline`.
import { existsSync, readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { lackOfWrk, measureHttp } from './http.mjs';
import {
  measureCore,
  measureCoreDebug,
  measureExecutor,
  measurePipes,
  measureSpawn,
  measureTasks,
  measureThreads,
} from './in-process.mjs';
import { measureEcho, measureIdle, measureProxy } from './measure.mjs';
import { hasOpenSsl, libuvProgram } from './programs.mjs';

const echoFigures = [
  { key: 'cpu', title: 'CPU µs/message', digits: 2 },
  { key: 'throughput', title: 'messages/s', digits: 0 },
  { key: 'p50', title: 'p50 µs', digits: 0 },
  { key: 'p99', title: 'p99 µs', digits: 0 },
  { key: 'p99_9', title: 'p99.9 µs', digits: 0 },
  { key: 'busy', title: 'busy %', digits: 0 },
];

const httpFigures = [
  { key: 'cpu', title: 'CPU µs/request', digits: 1 },
  { key: 'throughput', title: 'requests/s', digits: 0 },
  { key: 'p50', title: 'p50 µs', digits: 0 },
  { key: 'p99', title: 'p99 µs', digits: 0 },
  { key: 'busy', title: 'busy %', digits: 0 },
];

const echo = (title, load) => ({
  program: 'server',
  title,
  load,
  figures: echoFigures,
  baseline: 'libuv',
  measure: (peer, { seconds }) => measureEcho(peer, load, seconds),
});

const ECHO = { size: 1024, connections: 50, pipeline: 1 };

// As echo(), over TLS.
const tlsEcho = (title, load) => ({
  ...echo(title, load),
  program: 'tls',
  baseline: 'node-tls',
  lack: () => !hasOpenSsl && 'no OpenSSL to build the load generator with: apt install libssl-dev',
  measure: (peer, { seconds }) =>
    measureEcho({ ...peer, server: peer.tls }, { ...load, tls: 1 }, seconds),
});

const [cpuFigure, ...otherFigures] = echoFigures;

const proxy = (title, load) => ({
  program: 'proxy',
  title,
  load,
  figures: [cpuFigure, { key: 'moved', title: 'MiB/CPU s', digits: 0 }, ...otherFigures],
  baseline: 'node-net',
  lack: () => !existsSync(libuvProgram) && 'its echo server is missing: apt install libuv1-dev',
  measure: (peer, { seconds }) => measureProxy(peer, load, seconds),
});

const DATAGRAMS = { size: 1024, connections: 50, pipeline: 1, datagrams: 1 };

const IDLE_CONNECTIONS = 10_000;

// Node raises its own soft limit to the hard one, and its children inherit that.
function lackOfFiles() {
  const needed = IDLE_CONNECTIONS + 100;
  const text = readFileSync('/proc/self/limits', 'utf8');
  const hard = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(text)?.[1] ?? Infinity);
  return hard < needed && `needs ${needed} open files, the limit is ${hard}`;
}

const readPlan = (name) =>
  JSON.parse(readFileSync(new URL(`../core/${name}`, import.meta.url), 'utf8'));
const plan = readPlan('plan.json');
const DEBUG_PLAN = 'plan-debug.json';

const coreOperations = Object.entries(plan.operations).map(([key, { title }]) => ({
  key,
  title,
  digits: 0,
}));

const debugOperations = Object.entries(readPlan(DEBUG_PLAN).operations).flatMap(
  ([key, { title }]) => [
    { key: `${key}.added`, title: `${title}: ns added`, digits: 0 },
    { key: `${key}.times`, title: `${title}: times`, digits: 1 },
  ],
);

// A million need up to 3 GB in the peers measured so far.
const taskCount = freemem() >= 8 * 2 ** 30 ? 1_000_000 : 100_000;
const waits = ['future', 'sleep'];

const taskOperations = waits.flatMap((wait) => [
  { key: `${wait}.memory`, title: `${wait}: bytes`, digits: 0 },
  { key: `${wait}.create`, title: `${wait}: ns to create`, digits: 0 },
  { key: `${wait}.cancel`, title: `${wait}: ns to cancel`, digits: 0 },
]);

const pipes = (work, title, peers) => ({
  program: 'pipes',
  title,
  peers,
  figures: [
    { key: 'cpu', title: 'CPU ms', digits: 0 },
    { key: 'wall', title: 'ms', digits: 0 },
  ],
  baseline: 'child_process',
  measure: (peer) => measurePipes(peer, work),
});

// What the parent has in memory.
const heaps = {
  small: { title: 'small parent', mebibytes: 0 },
  large: { title: '1 GiB parent', mebibytes: 1024 },
};

const spawnOperations = Object.entries(heaps).flatMap(([key, { title }]) => [
  { key: `${key}.each`, title: `${title}: µs each`, digits: 0 },
  { key: `${key}.blocked`, title: `${title}: µs blocked`, digits: 0 },
]);

const executorOperations = [
  { key: 'each', title: 'empty call, one at a time: µs', digits: 1 },
  { key: 'batch', title: 'empty call, 100 at a time: µs', digits: 1 },
  { key: 'work', title: 'call of 1 ms, one at a time: µs', digits: 0 },
  { key: 'timers', title: '1 ms timer, every core busy: ms late at p99', digits: 2 },
];

export const works = {
  'echo-1k': echo('echo, 1 KiB × 50 connections', ECHO),
  'echo-64x16': echo('echo, 64 B × 16 pipelined × 50 connections', {
    size: 64,
    connections: 50,
    pipeline: 16,
  }),
  'echo-100k': echo('echo, 100 KiB × 50 connections', {
    size: 100 * 1024,
    connections: 50,
    pipeline: 1,
  }),
  'tls-echo': tlsEcho('echo over TLS 1.3, 1 KiB × 50 connections', {
    size: 1024,
    connections: 50,
    pipeline: 1,
  }),
  'tls-echo-100k': tlsEcho('echo over TLS 1.3, 100 KiB × 50 connections', {
    size: 100 * 1024,
    connections: 50,
    pipeline: 1,
  }),
  'udp-echo': {
    ...echo('echo over UDP, 1 KiB × 50 sockets', DATAGRAMS),
    program: 'datagrams',
    baseline: 'node-dgram',
    measure: (peer, { seconds }) =>
      measureEcho({ ...peer, server: peer.datagrams }, DATAGRAMS, seconds),
  },
  debug: {
    ...echo('debug mode: echo, 1 KiB × 50 connections', ECHO),
    program: 'debug',
    baseline: 'uvio-protocol',
    baselines: ['uvio-protocol', 'asyncio', 'uvloop'],
    measure: (peer, { seconds }) => measureEcho({ ...peer, server: peer.debug }, ECHO, seconds),
  },
  'core-debug': {
    program: 'core',
    peers: ['uvio', 'uvio-generators', 'uvloop', 'asyncio'],
    title: 'what debug mode costs the core of asyncio',
    unit: 'per operation',
    operations: debugOperations,
    baseline: 'asyncio',
    measure: (peer) => measureCoreDebug(peer, DEBUG_PLAN),
  },
  'proxy-1k': proxy('proxied echo, 1 KiB × 50 connections', {
    size: 1024,
    connections: 50,
    pipeline: 1,
  }),
  'proxy-bulk': proxy('proxied echo, 64 KiB × 16 pipelined × 8 connections', {
    size: 64 * 1024,
    connections: 8,
    pipeline: 16,
  }),
  http: {
    program: 'http',
    title: 'hello over HTTP, 50 connections with keep-alive',
    figures: httpFigures,
    baseline: 'node-http',
    lack: lackOfWrk,
    measure: (peer, { seconds }) => measureHttp(peer, { connections: 50 }, seconds),
  },
  idle: {
    program: 'server',
    title: 'memory per connection, 10,000 idle connections',
    connections: IDLE_CONNECTIONS,
    peers: ['node-net', 'uvio-protocol', 'uvio-buffered'],
    figures: [{ key: 'memory', title: 'bytes/connection', digits: 0 }],
    baseline: 'node-net',
    lack: lackOfFiles,
    measure: (peer) => measureIdle(peer, IDLE_CONNECTIONS),
  },
  core: {
    program: 'core',
    title: 'the core of asyncio, one process without connections',
    unit: 'ns',
    operations: coreOperations,
    baseline: 'uvloop',
    measure: (peer) => measureCore(peer, coreOperations),
  },
  tasks: {
    program: 'tasks',
    title: `${taskCount.toLocaleString('en-US')} tasks at once, each waiting`,
    unit: 'per task',
    count: taskCount,
    operations: taskOperations,
    baseline: 'uvloop',
    measure: (peer) => measureTasks(peer, waits, taskCount),
  },
  cat: pipes('cat', 'a gibibyte through `cat`, in and out', [
    'uvio',
    'uvio-protocol',
    'uvio-buffered',
    'child_process',
  ]),
  pipeline: pipes('pipeline', 'a gibibyte through three programs', ['uvio', 'child_process']),
  threads: {
    program: 'threads',
    title: 'calls from another thread, 100,000 at once, and one that wakes the loop',
    figures: [
      { key: 'cpu', title: 'CPU µs/call', digits: 2 },
      { key: 'rate', title: 'calls/s', digits: 0 },
      { key: 'object', title: 'CPU µs with an object', digits: 2 },
      { key: 'p50', title: 'wake p50 µs', digits: 0 },
      { key: 'p99', title: 'wake p99 µs', digits: 0 },
    ],
    baseline: 'message-port',
    baselines: ['message-port', 'asyncio'],
    measure: (peer) => measureThreads(peer),
  },
  spawn: {
    program: 'spawn',
    title: '/bin/true started and its output read, 16 at a time',
    unit: 'per process',
    operations: spawnOperations,
    baseline: 'child_process',
    measure: (peer, { seconds }) => measureSpawn(peer, heaps, seconds),
  },
  executor: {
    program: 'executor',
    title: 'calls of one worker thread, and timers beside busy ones',
    unit: 'per call',
    operations: executorOperations,
    baseline: 'piscina',
    measure: measureExecutor,
  },
};
