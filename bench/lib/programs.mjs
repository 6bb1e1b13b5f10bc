// Compiles the two C programs into bench/build/ and says where they are.
// Invariant: a program is never older than the sources it was made from. A missing libuv only takes
// the libuv peer away, a missing OpenSSL the works over TLS; any other complaint of the compiler is an error.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('..', import.meta.url));
const flags = ['-std=c11', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-Werror'];

// Whether the load generator can speak TLS.
export const hasOpenSsl =
  spawnSync('cc', ['-E', '-include', 'openssl/ssl.h', '-xc', '/dev/null']).status === 0;

export const loadProgram = `${bench}build/${hasOpenSsl ? 'load-tls' : 'load'}`;
export const libuvProgram = `${bench}build/echo-libuv`;

const modified = (path) => statSync(path).mtimeMs;

function compile(program, sources, headers, options) {
  const newest = Math.max(...[...sources, ...headers].map(modified));
  if (existsSync(program) && modified(program) >= newest) return;
  const words = [...flags, '-o', program, ...sources, ...options];
  const compiler = spawnSync('cc', words, { encoding: 'utf8' });
  if (compiler.error) throw new Error(`cc cannot be run: ${compiler.error.message}`);
  if (compiler.status === 0 || /uv\.h: No such file/.test(compiler.stderr)) return;
  throw new Error(`cc cannot compile ${program}:\n${compiler.stderr}`);
}

export function compilePrograms() {
  mkdirSync(`${bench}build`, { recursive: true });
  const parts = readdirSync(`${bench}load`).map((name) => `${bench}load/${name}`);
  const sources = [`${bench}load.c`, ...parts.filter((path) => path.endsWith('.c'))];
  const headers = parts.filter((path) => path.endsWith('.h'));
  compile(loadProgram, sources, headers, hasOpenSsl ? ['-DWITH_TLS', '-lssl', '-lcrypto'] : []);
  compile(libuvProgram, [`${bench}echo-libuv.c`], [], ['-luv']);
}
