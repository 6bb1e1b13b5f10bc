/**
 * The prebuild for Windows, run under wine by the node.exe that the variable UVIO_NODE_EXE names; skipped without one.
 *
 * Guards what the thread that polls the loop there must not break: events and deadlines wake Node's loop, and a process
 * with open handles ends. wine is not Windows: what is shown is that the addon loads and serves.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../io/programs.js';

const addon = join(root, 'prebuilds', 'win32-x64', 'uvio.node');
const node = process.env.UVIO_NODE_EXE ?? '';

// What wine calls a file of this system.
const windowsPath = (path: string) => `Z:${path.replaceAll('/', '\\')}`;
const windowsUrl = (path: string) => `file:///Z:${path}`;

const LINES = [
  'sleep true',
  'callLater true',
  'streams echoed',
  'datagrams echoed',
  'subprocess ENOSYS',
  'unix ENOTSUP',
  'socket ENOTSUP',
];

describe('the prebuild for Windows, under wine', function () {
  this.timeout(120_000);
  let prefix: string;

  before(function () {
    if (node === '' || !existsSync(addon)) this.skip();
    prefix = mkdtempSync(join(tmpdir(), 'uvio-wine-'));
    const version = ['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'];
    equal(wine('wine', ...version).status, 0, 'Node is refused by what wine is at first');
  });

  after(() => {
    if (prefix === undefined) return;
    wine('wineserver', '-k');
    rmSync(prefix, { recursive: true });
  });

  function wine(program: string, ...args: string[]) {
    const { NODE_OPTIONS: _, ...env } = process.env;
    Object.assign(env, { WINEPREFIX: prefix, WINEDEBUG: '-all', UVIO_ADDON: windowsPath(addon) });
    // A file, since Node 22 does not start there with pipes.
    const output = openSync(join(prefix, 'output'), 'w+');
    const { status } = spawnSync(program, args, { env, stdio: ['ignore', output, output] });
    closeSync(output);
    return { status, output: readFileSync(join(prefix, 'output'), 'utf8') };
  }

  function runProgram(end: string) {
    const program = windowsPath(join(root, 'test', 'packaging', 'wine', 'program.mjs'));
    const library = windowsUrl(join(root, 'dist', 'lib', 'main', 'index.js'));
    const { status, output } = wine('wine', node, program, library, end);
    return { status, lines: output.split('\n').filter((line) => line !== '') };
  }

  it('serves, keeps time, and says what Windows has not', () => {
    const { status, lines } = runProgram('run');
    deepEqual(lines, [...LINES, 'end']);
    equal(status, 0);
  });

  it('ends with open handles', () => {
    const { status, lines } = runProgram('exit');
    deepEqual(lines, LINES);
    equal(status, 7);
  });
});
