// Who is measured: how each peer's programs are started, how its version is found, and what to do when it
// is not there. `server` is an echo server over TCP, `tls` one over TLS, `datagrams` one over UDP, `http` one that says hello
// over HTTP, `proxy` forwards from `--listen` to `--to`, `debug` is an echo server that may be in debug mode, `core`,
// `tasks`, `pipes`, `spawn`, `threads` and `executor` are programs that time themselves.
// Invariant: a peer whose version cannot be found is not installed and is skipped by name; one that
// is installed and does not work is an error, and never skipped.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { libuvProgram } from './programs.mjs';

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const firstLine = (...words) =>
  execFileSync(words[0], words.slice(1), { encoding: 'utf8', stdio: 'pipe' }).split('\n')[0];

// The binaries themselves and not node_modules/.bin, where a wrapper may stand: its process would be
// the one whose CPU time is read.
const bun = path('node_modules/bun/bin/bun.exe');
const deno = path('node_modules/deno/deno');
const denoFlags = ['run', '--no-config', '--no-lock', '--allow-net=127.0.0.1'];
const python = '/usr/bin/python3'; // the one that Debian's python3-uvloop belongs to
const echoInPython = path('servers/uvloop_echo.py');
const proxyInPython = path('servers/uvloop_proxy.py');
const coreInPython = path('core/asyncio_core.py');
const spawnInPython = path('processes/spawn.py');
const callsInPython = path('threads/calls.py');

function pythonPeer(name, programs) {
  const module = name.startsWith('asyncio') ? 'platform' : 'uvloop';
  const version = module === 'uvloop' ? 'uvloop.__version__' : '"asyncio"';
  const script = `import platform, ${module}; print(${version}, "on Python", platform.python_version())`;
  return {
    name,
    ...programs,
    version: () => firstLine(python, '-c', script),
    hint: 'not installed: apt install python3-uvloop',
  };
}

const pythonServer = (name, ...flags) =>
  pythonPeer(name, { server: [python, echoInPython, ...flags] });

// A million tasks are more than V8's usual limit may allow.
const node = [process.execPath, '--expose-gc', '--max-old-space-size=8192'];

function uvioPeer(name, programs) {
  return {
    name,
    ...programs,
    version() {
      if (!existsSync(path('../dist/src/index.js'))) throw new Error('not built');
      const { version } = JSON.parse(readFileSync(path('../package.json'), 'utf8'));
      return `${version} on Node ${process.version}`;
    },
    hint: 'not built: npm run setup',
  };
}

const inNode = (program, ...flags) => [process.execPath, path(`servers/${program}.mjs`), ...flags];

const uvioServer = (name, program = name, ...flags) =>
  uvioPeer(name, { server: inNode(program, ...flags) });

const uvioTasks = (name, style) =>
  uvioPeer(name, {
    core: [...node, path('core/uvio.mjs'), '--style', style],
    tasks: [...node, path('tasks/uvio.mjs'), '--style', style],
    ...(style === 'functions' && {
      pipes: [process.execPath, path('processes/uvio.mjs')],
      spawn: [process.execPath, path('processes/spawn-uvio.mjs')],
      threads: [process.execPath, path('threads/uvio.mjs')],
      executor: [process.execPath, path('executor/uvio.mjs')],
    }),
  });

const peers = [
  {
    name: 'libuv',
    server: [libuvProgram],
    version: () => firstLine(libuvProgram, '--version'),
    hint: 'not installed: apt install libuv1-dev',
  },
  uvioPeer('uvio-protocol', {
    server: inNode('uvio-protocol'),
    debug: inNode('uvio-protocol'),
    tls: inNode('uvio-protocol', '--tls'),
    datagrams: inNode('uvio-datagrams'),
    pipes: [process.execPath, path('processes/uvio.mjs'), '--style', 'protocol'],
  }),
  uvioPeer('uvio-slow-callbacks', { debug: inNode('uvio-protocol', '--slow-callbacks') }),
  uvioPeer('uvio-debug', { debug: inNode('uvio-protocol', '--debug') }),
  uvioPeer('uvio-watchdog', { server: inNode('uvio-protocol', '--watchdog', '100') }),
  uvioPeer('uvio-buffered', {
    server: inNode('uvio-buffered'),
    proxy: [process.execPath, path('../dist/examples/proxy.js')],
    pipes: [process.execPath, path('processes/uvio.mjs'), '--style', 'buffered'],
  }),
  uvioPeer('uvio-streams', {
    server: inNode('uvio-streams'),
    tls: inNode('uvio-streams', '--tls'),
  }),
  uvioServer('uvio-streams-generators', 'uvio-streams', '--style', 'generators'),
  uvioTasks('uvio', 'functions'),
  uvioTasks('uvio-generators', 'generators'),
  {
    name: 'bun',
    server: [bun, path('servers/bun.mjs')],
    proxy: [bun, path('servers/bun-proxy.mjs')],
    spawn: [bun, path('processes/spawn-bun.mjs')],
    version: () => firstLine(bun, '--version'),
    hint: 'not installed: npm install in bench/',
  },
  {
    name: 'deno',
    server: [deno, ...denoFlags, path('servers/deno.mjs')],
    version: () => firstLine(deno, '--version'),
    hint: 'not installed: npm install in bench/',
  },
  pythonPeer('uvloop', {
    server: [python, echoInPython],
    debug: [python, echoInPython],
    tls: [python, echoInPython, '--tls'],
    datagrams: [python, echoInPython, '--datagrams'],
    proxy: [python, proxyInPython],
    core: [python, coreInPython, '--loop', 'uvloop'],
    tasks: [python, path('tasks/uvloop_tasks.py')],
    spawn: [python, spawnInPython],
    threads: [python, callsInPython, '--loop', 'uvloop'],
  }),
  pythonPeer('uvloop-debug', {
    debug: ['/usr/bin/env', 'PYTHONASYNCIODEBUG=1', python, echoInPython],
  }),
  pythonServer('uvloop-buffered', '--buffered'),
  pythonServer('uvloop-streams', '--streams'),
  pythonPeer('asyncio', {
    server: [python, echoInPython, '--loop', 'asyncio'],
    debug: [python, echoInPython, '--loop', 'asyncio'],
    tls: [python, echoInPython, '--loop', 'asyncio', '--tls'],
    datagrams: [python, echoInPython, '--loop', 'asyncio', '--datagrams'],
    proxy: [python, proxyInPython, '--loop', 'asyncio'],
    core: [python, coreInPython, '--loop', 'asyncio'],
    spawn: [python, spawnInPython, '--loop', 'asyncio'],
    threads: [python, callsInPython],
  }),
  pythonPeer('asyncio-debug', {
    debug: ['/usr/bin/env', 'PYTHONASYNCIODEBUG=1', python, echoInPython, '--loop', 'asyncio'],
  }),
  pythonServer('asyncio-buffered', '--loop', 'asyncio', '--buffered'),
  pythonServer('asyncio-streams', '--loop', 'asyncio', '--streams'),
  {
    name: 'node-net',
    server: inNode('node-net'),
    proxy: inNode('node-proxy'),
    version: () => process.version,
  },
  {
    name: 'node-tls',
    tls: inNode('node-tls'),
    version: () => process.version,
  },
  {
    name: 'child_process',
    spawn: [process.execPath, path('processes/spawn-child-process.mjs')],
    pipes: [process.execPath, path('processes/node.mjs')],
    version: () => process.version,
  },
  {
    name: 'message-port',
    threads: [process.execPath, path('threads/message-port.mjs')],
    version: () => process.version,
  },
  {
    name: 'node-dgram',
    datagrams: inNode('node-dgram'),
    version: () => process.version,
  },
  uvioPeer('uvio-http', { http: inNode('uvio-http') }),
  {
    name: 'node-http',
    http: inNode('node-http'),
    version: () => process.version,
  },
  {
    name: 'execa',
    spawn: [process.execPath, path('processes/spawn-execa.mjs')],
    version: () =>
      JSON.parse(readFileSync(path('node_modules/execa/package.json'), 'utf8')).version,
    hint: 'not installed: npm install in bench/',
  },
  {
    name: 'piscina',
    executor: [process.execPath, path('executor/piscina.mjs')],
    version: () =>
      JSON.parse(readFileSync(path('../node_modules/piscina/package.json'), 'utf8')).version,
    hint: 'not installed: npm ci',
  },
  {
    name: 'promises',
    core: [...node, path('core/promises.mjs')],
    tasks: [...node, path('tasks/promises.mjs')],
    version: () => `Node ${process.version}`,
  },
];

export const peerNames = peers.map((peer) => peer.name);

// What a run without --peers measures: one style of server per peer, and all tasks of uvio's.
export const usualPeers = peerNames.filter(
  (name) => !/^(uvloop|asyncio)-(?!debug)|-streams|-watchdog/.test(name),
);

// Whether `peer` has what `work` runs.
export const takesPart = (peer, work) =>
  peer[work.program] !== undefined && (!work.peers || work.peers.includes(peer.name));

// Splits the wanted peers that take part in one of `works` into those that are there, with their
// versions, and reasons for the rest.
export function findPeers(wanted, works) {
  const found = [];
  const skipped = [];
  for (const peer of peers) {
    if (!wanted.includes(peer.name) || !works.some((work) => takesPart(peer, work))) continue;
    try {
      found.push({ ...peer, version: peer.version() });
    } catch {
      skipped.push(`${peer.name} (${peer.hint})`);
    }
  }
  return { found, skipped };
}
