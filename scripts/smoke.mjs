// The packed tarball as its users meet it: installed into an empty folder, without install scripts and on a PATH
// where there is nothing but node, then README's first server and the programs of test/packaging/programs.
//
// `node scripts/smoke.mjs [TARBALL]` does it on this Node, after `npm pack` when none is named; release_check.mjs
// on all. Every check prints a line; the first that fails ends the run.

import { ok } from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './setup.mjs';

const LONGEST_RUN = 120_000; // ms; an emulated processor takes its time

/** Packs the package into build-prebuild/ and returns what npm says of the tarball, and where it is. */
export function pack() {
  const folder = join(root, 'build-prebuild');
  mkdirSync(folder, { recursive: true });
  const args = [
    'pack',
    '--json',
    '--loglevel=error',
    '--no-update-notifier',
    '--pack-destination',
    folder,
  ];
  const output = execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' });
  // Scripts of the package may print before it.
  const [packed] = JSON.parse(output.slice(output.indexOf('[\n')));
  return { ...packed, file: join(folder, packed.filename) };
}

function npmProgram() {
  const folder = execFileSync('npm', ['root', '--global'], { encoding: 'utf8' }).trim();
  return join(folder, 'npm', 'bin', 'npm-cli.js');
}

/** An empty folder into which the tarball is installed. */
export function install(tarball, node) {
  const folder = mkdtempSync(join(tmpdir(), 'uvio-smoke-'));
  const path = join(folder, 'path');
  mkdirSync(path);
  symlinkSync(node, join(path, 'node'));
  const env = { PATH: path, HOME: folder };
  const configured = (key) =>
    execFileSync('npm', ['config', 'get', key], { encoding: 'utf8' }).trim();
  const npm = {
    npm_config_cache: configured('cache'),
    npm_config_registry: configured('registry'),
  };
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const args = [
    'install',
    '--ignore-scripts',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    tarball,
  ];
  execFileSync(node, [npmProgram(), ...args], {
    cwd: folder,
    env: { ...env, ...npm },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  cpSync(join(root, 'test', 'packaging', 'programs'), folder, { recursive: true });
  cpSync(join(root, 'test', 'certificates'), join(folder, 'certificates'), { recursive: true });
  return { folder, env };
}

/** Runs a program to its end; `during` gets its output so far, whenever there is more. */
async function run(command, { folder, env }, file, during = () => {}) {
  const child = spawn(command[0], [...command.slice(1), join(folder, file)], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const add = (text) => {
    output += text;
    during(output, child);
  };
  child.stdout.setEncoding('utf8').on('data', add);
  child.stderr.setEncoding('utf8').on('data', add);
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_RUN);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  ok(code === 0, `${file} ended with ${code}:\n${output}`);
  return output;
}

/** README's first example serves a client until it is interrupted. */
async function serveReadme(command, place) {
  const [, program] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'));
  writeFileSync(join(place.folder, 'readme.mjs'), program);
  let client = null;
  const output = await run(command, place, 'readme.mjs', (text, child) => {
    const port = /listening on port (\d+)\n/.exec(text)?.[1];
    if (port === undefined || client !== null) return;
    client = connect(Number(port), '127.0.0.1', () => client.write('echo'));
    client.on('data', (data) => {
      client.echoed = String(data);
      child.kill('SIGINT');
    });
    client.on('error', () => {});
  });
  ok(client?.echoed === 'echo' && /^listening on port \d+\n$/.test(output), output);
  client.destroy();
}

/**
 * @param node the program that installs; it also runs the rest unless `command` does: a list of a program and
 *   arguments that come before the file
 */
export async function smoke(tarball, node, { command = [node], emulated = false } = {}) {
  const place = install(tarball, node);
  const { folder } = place;
  try {
    await serveReadme(command, place);
    console.log("ok  README's first server");
    const instances = await run(command, place, 'instances.mjs');
    ok(instances === 'worker\none library\n', instances);
    console.log('ok  import, require, uvio/testing, worker threads: one library');
    const parts = await run(command, place, 'parts.mjs');
    ok(parts === 'parts\n', parts);
    console.log('ok  classes of parts that are not loaded yet');
    const children = await run(command, place, 'children.mjs');
    ok(children === 'child\nENOENT\nover TLS\n', children);
    console.log('ok  subprocesses and TLS');
    if (emulated) return;
    const observed = await run(command, place, 'observed.mjs');
    ok(/Executing <.*> took 1\.[56]/.test(observed), observed);
    ok(/has been running for .*\n {2}at compute \(/.test(observed), observed);
    ok(observed.includes('observed.mjs') && !observed.includes('node_modules'), observed);
    console.log('ok  the watchdog, and no frames of the bundle in call graphs');
    const workers = await run(command, place, 'workers.mjs');
    ok(workers === '42\ntrue\nthread 0\n', workers);
    console.log('ok  executors of threads and of processes, serve()');
    const uvio = join('node_modules', 'uvio', 'dist', 'lib', 'inspect', 'cli.js');
    const help = execFileSync(node, [join(folder, uvio), '--help'], { encoding: 'utf8' });
    ok(help.startsWith('usage: uvio ps PID'), help);
    console.log('ok  the command uvio');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const tarball = resolve(process.argv[2] ?? pack().file);
  console.log(`${basename(tarball)} on Node.js ${process.version}`);
  await smoke(tarball, process.execPath);
}
