// Who is measured: how each echo server is started, how its version is found, and what to do when it
// is not there.
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
const pythonServer = path('servers/uvloop_echo.py');

function pythonPeer(name, flags) {
  const module = flags.includes('asyncio') ? 'platform' : 'uvloop';
  const version = module === 'uvloop' ? 'uvloop.__version__' : '"asyncio"';
  const script = `import platform, ${module}; print(${version}, "on Python", platform.python_version())`;
  return {
    name,
    words: [python, pythonServer, ...flags],
    version: () => firstLine(python, '-c', script),
    hint: 'not installed: apt install python3-uvloop',
  };
}

function uvioPeer(name) {
  return {
    name,
    words: [process.execPath, path(`servers/${name}.mjs`)],
    version() {
      if (!existsSync(path('../dist/src/index.js'))) throw new Error('not built');
      const { version } = JSON.parse(readFileSync(path('../package.json'), 'utf8'));
      return `${version} on Node ${process.version}`;
    },
    hint: 'not built: npm run build',
  };
}

const peers = [
  {
    name: 'libuv',
    words: [libuvProgram],
    version: () => firstLine(libuvProgram, '--version'),
    hint: 'not installed: apt install libuv1-dev',
  },
  uvioPeer('uvio-protocol'),
  uvioPeer('uvio-buffered'),
  {
    name: 'bun',
    words: [bun, path('servers/bun.mjs')],
    version: () => firstLine(bun, '--version'),
    hint: 'not installed: npm install in bench/',
  },
  {
    name: 'deno',
    words: [deno, ...denoFlags, path('servers/deno.mjs')],
    version: () => firstLine(deno, '--version'),
    hint: 'not installed: npm install in bench/',
  },
  pythonPeer('uvloop', []),
  pythonPeer('uvloop-buffered', ['--buffered']),
  pythonPeer('uvloop-streams', ['--streams']),
  pythonPeer('asyncio', ['--loop', 'asyncio']),
  pythonPeer('asyncio-buffered', ['--loop', 'asyncio', '--buffered']),
  pythonPeer('asyncio-streams', ['--loop', 'asyncio', '--streams']),
  {
    name: 'node-net',
    words: [process.execPath, path('servers/node-net.mjs')],
    version: () => process.version,
  },
];

export const peerNames = peers.map((peer) => peer.name);

// What a run without --peers measures: one style per peer, and all of uvio's.
export const usualPeers = peerNames.filter((name) => !/^(uvloop|asyncio)-/.test(name));

// Splits the wanted peers into those that are there, with their versions, and reasons for the rest.
export function findPeers(wanted) {
  const found = [];
  const skipped = [];
  for (const peer of peers.filter(({ name }) => wanted.includes(name))) {
    try {
      found.push({ ...peer, version: peer.version() });
    } catch {
      skipped.push(`${peer.name} (${peer.hint})`);
    }
  }
  return { found, skipped };
}
