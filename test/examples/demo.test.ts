/*
 * The demonstration as a user meets it: as a process, with an exit code, that leaves no other behind.
 */

import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { readAnnouncement } from '../../examples/kv/command-line.js';
import { RawClient } from './support.js';

type Program = ChildProcessByStdio<null, Readable, Readable>;

function start(module: string, ...args: string[]): Program {
  const file = fileURLToPath(new URL(`../../examples/${module}`, import.meta.url));
  return spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function finish(program: Program): Promise<[string, string, number | null]> {
  const [output, complaints, [code]] = await Promise.all([
    text(program.stdout),
    text(program.stderr),
    once(program, 'close'),
  ]);
  return [output, complaints, code];
}

/** Reads standard output until the pattern is there. */
async function outputWith(program: Program, pattern: RegExp): Promise<string> {
  let output = '';
  while (!pattern.test(output)) {
    const [chunk] = await once(program.stdout, 'data');
    output += chunk;
  }
  return output;
}

function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  return list.trim().split(' ').filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

describe('the demonstration', function () {
  this.timeout(60_000);

  it('explains itself', async () => {
    const [output, , code] = await finish(start('demo.js', '--help'));
    assert.match(output, /npm start -- serve/);
    assert.equal(code, 0);
  });

  it('refuses options that it does not know', async () => {
    const [, complaints, code] = await finish(start('demo.js', '--nonsense'));
    assert.match(complaints, /--nonsense/);
    assert.equal(code, 1);
  });

  it('checks both servers, measures both, builds this repository, and ends with 0', async () => {
    const short = ['--rounds', '1', '--seconds', '0.05', '--own-driver'];
    const [output, complaints, code] = await finish(start('demo.js', ...short));
    assert.equal(code, 0, complaints);
    assert.equal(complaints, '');
    assert.match(output, /uvio: checked[\s\S]*node:net: checked/);
    assert.equal(output.match(/server CPU µs\/request +\d/g)?.length, 2);
    assert.match(
      output,
      /\d+ files, \d+ KiB → \d+ KiB \(\d+ %\), \d+ processes in [\d.]+ s, \d+ per second/,
    );
  });

  it('ends its children when it is interrupted', async function () {
    if (process.platform !== 'linux') {
      this.skip();
    }
    const program = start('demo.js', '--rounds', '1000', '--own-driver');
    const finished = finish(program);
    await outputWith(program, /SET, GET and INCR/);
    const children = childrenOf(program.pid as number);
    assert.ok(children.length >= 2);
    program.kill('SIGINT');
    assert.equal((await finished)[2], 130);
    while (children.some(isAlive)) {
      await new Promise(setImmediate);
    }
  });
});

const programs = [['kv-server.js'], ['kv-server-net.js'], ['demo.js', 'serve']] as const;
describe('the servers as programs', () => {
  for (const [module, ...words] of programs) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      it(`${[module, ...words].join(' ')} serves until ${signal} and ends with 0`, async () => {
        const program = start(module, ...words, '--port', '0');
        const finished = finish(program);
        const port = readAnnouncement(await outputWith(program, /\n/));
        const client = await RawClient.open(port as number);
        assert.equal(await client.line('PING'), 'PONG');
        program.kill(signal);
        assert.equal(await client.untilClosed(), '');
        const [, complaints, code] = await finished;
        assert.equal(complaints, '');
        assert.equal(code, 0);
      });
    }
  }
});
