// One measurement of one server: an echo run, straight or through a proxy, or the memory that idle connections cost.
// Invariants: every measurement has a server process of its own, because two processes of the same
// program can differ by half (allocators have histories); server and load generator do not share a
// core where there are two; every failure names the peer, with the server's own last words.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Child } from './children.mjs';
import { LOAD_CORE, MEASURED_CORE, pinned } from './cores.mjs';
import { libuvProgram, loadProgram } from './programs.mjs';

const WARMUP_SECONDS = 1;
const SETTLE_MILLISECONDS = 1000; // for garbage collectors that run when nothing else does

export async function startServer(name, core, words) {
  const child = new Child(name, pinned(core, words));
  const line = await child.line(20);
  const port = Number(/^listening (?:\S+:)?(\d+)$/.exec(line)?.[1]);
  if (!port) throw new Error(`${name} did not say where it listens but: ${line}`);
  return { child, port };
}

const startEcho = (peer) => startServer(peer.name, MEASURED_CORE, [...peer.server, '--port', '0']);

const startProxy = (peer, to) =>
  startServer(peer.name, MEASURED_CORE, [...peer.proxy, '--listen', '0', '--to', String(to)]);

function startLoad(server, options) {
  const words = [loadProgram, '--port', server.port];
  for (const [name, value] of Object.entries(options)) words.push(`--${name}`, value);
  return new Child(`${server.child.name}: load generator`, pinned(LOAD_CORE, words.map(String)));
}

// A dead server shows first as a lost connection; give its own last words time to arrive.
async function explain(server, error) {
  await Promise.race([server.child.ended, delay(500)]);
  if (server.child.status === null) return error;
  const { message } = await server.child.failure();
  return new Error(`${message}\n${error.message}`);
}

export async function withServer(starting, body) {
  const server = await starting;
  try {
    return await body(server);
  } catch (error) {
    throw await explain(server, error);
  } finally {
    await server.child.stop();
  }
}

async function runLoad(server, options) {
  const child = startLoad(server, options);
  const line = await child.line(options.seconds + options.warmup + 30);
  if ((await child.ended) !== 0) throw await child.failure();
  return JSON.parse(line);
}

// The warm-up is a run of its own, so that the measured connections meet a server that has already
// seen others come and go, as a server in use has.
async function runEcho(server, load, seconds) {
  await runLoad(server, { ...load, seconds: WARMUP_SECONDS, warmup: 0 });
  const watched = { ...load, pid: server.child.pid };
  const result = await runLoad(server, { ...watched, seconds, warmup: WARMUP_SECONDS / 2 });
  return {
    cpu: (result.cpu_seconds / result.messages) * 1e6,
    busy: (result.cpu_seconds / result.seconds) * 100,
    ...result,
  };
}

export function measureEcho(peer, load, seconds) {
  return withServer(startEcho(peer), (server) => runEcho(server, load, seconds));
}

// The echo server in C answers from behind the proxy, on the core of the load generator. A message passes the
// proxy twice, so twice its bytes are moved.
export function measureProxy(peer, load, seconds) {
  const echo = startServer('echo-libuv', LOAD_CORE, [libuvProgram, '--port', '0']);
  return withServer(echo, ({ port }) =>
    withServer(startProxy(peer, port), async (proxy) => {
      const result = await runEcho(proxy, load, seconds);
      const bytes = 2 * load.size * result.messages;
      return { ...result, moved: bytes / result.cpu_seconds / 2 ** 20 };
    }),
  );
}

function proportionalSetSize(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)[1]) * 1024;
}

async function memoryWithIdle(server, connections) {
  const child = startLoad(server, { idle: connections });
  await child.line(60);
  await delay(SETTLE_MILLISECONDS);
  const memory = proportionalSetSize(server.child.pid);
  child.process.stdin.end();
  if ((await child.ended) !== 0) throw await child.failure();
  return memory;
}

// What the first connections make for all later ones is in the memory before, and not counted.
export function measureIdle(peer, connections) {
  const first = 100;
  return withServer(startEcho(peer), async (server) => {
    const before = await memoryWithIdle(server, first);
    const after = await memoryWithIdle(server, connections);
    return { memory: (after - before) / (connections - first) };
  });
}
