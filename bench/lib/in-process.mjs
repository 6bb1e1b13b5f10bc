// One measurement of a program that times itself and prints one line of JSON: the works without a server.
// Invariants: every measurement is a fresh process, on the measured core if not said otherwise; a figure that the work does not
// know, or an exit code, is an error that names the peer.
import { Child } from './children.mjs';
import { MEASURED_CORE, pinned } from './cores.mjs';

const PATIENCE_SECONDS = 600;

const figuresOf = (name, words) => run(name, pinned(MEASURED_CORE, words));

async function run(name, words) {
  const child = new Child(name, words);
  const line = await child.line(PATIENCE_SECONDS);
  if ((await child.ended) !== 0) throw await child.failure();
  return JSON.parse(line);
}

// A process for each size of the parent.
export async function measureSpawn(peer, heaps, seconds) {
  const figures = {};
  for (const [key, { mebibytes }] of Object.entries(heaps)) {
    const words = [...peer.spawn, '--heap', String(mebibytes), '--seconds', String(seconds)];
    // Not pinned: starting programs on another core is what is measured.
    const result = await run(`${peer.name}: ${key}`, words);
    for (const [name, value] of Object.entries(result)) figures[`${key}.${name}`] = value;
  }
  return figures;
}

export async function measureCore(peer, operations) {
  const figures = await figuresOf(peer.name, peer.core);
  for (const key of Object.keys(figures)) {
    if (!operations.some((operation) => operation.key === key)) {
      throw new Error(`${peer.name} measured ${key}, which is no operation`);
    }
  }
  return figures;
}

// Without debug mode, and wholly in it: what it adds to each operation, and how many times as much that makes.
export async function measureCoreDebug(peer, plan) {
  const words = [...peer.core, '--plan', plan];
  const without = await figuresOf(peer.name, words);
  const inDebug = ['/usr/bin/env', 'UVIO_DEBUG=1', 'PYTHONASYNCIODEBUG=1', ...words];
  const within = await figuresOf(`${peer.name} in debug mode`, inDebug);
  const figures = {};
  for (const [key, nanoseconds] of Object.entries(within)) {
    figures[`${key}.added`] = nanoseconds - without[key];
    figures[`${key}.times`] = nanoseconds / without[key];
  }
  return figures;
}

// A process for each way of waiting: the second would find the memory that the first had been given.
export async function measureTasks(peer, waits, count) {
  const figures = {};
  for (const wait of waits) {
    const words = [...peer.tasks, '--count', String(count), '--wait', wait];
    const result = await figuresOf(`${peer.name}: ${wait}`, words);
    for (const [key, value] of Object.entries(result)) figures[`${wait}.${key}`] = value;
  }
  return figures;
}

// Not pinned: two threads want two cores.
export const measureThreads = (peer) => run(peer.name, peer.threads);

export const measurePipes = (peer, work) => figuresOf(peer.name, [...peer.pipes, '--work', work]);

// Not pinned: two threads talk to each other.
export const measureExecutor = (peer) => run(peer.name, peer.executor);
