/**
 * The mailboxes of native/base under ThreadSanitizer: mailbox_threads.cc beside this file, which says what it guards.
 *
 * UVIO_STRESS=SECONDS lets it run longer.
 */

import { equal, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leavesNothingOpen, toolEnvironment } from '../support.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const compiler = process.env.CXX ?? 'g++';
const seconds = Number(process.env.UVIO_STRESS ?? 2);
const env = toolEnvironment();

function compile(program: string): boolean {
  const sources = ['test/native/mailbox_threads.cc', 'native/base/mailbox.cc'];
  const flags = ['-std=c++17', '-O1', '-g', '-Wall', '-Wextra', '-fsanitize=thread', '-pthread'];
  const words = [...flags, '-I', 'native', ...sources, '-o', program];
  const { status, stderr, error } = spawnSync(compiler, words, { cwd: root, env });
  if (error !== undefined) return false;
  equal(status, 0, String(stderr));
  return true;
}

describe('mailboxes of threads', () => {
  leavesNothingOpen();

  it('lose nothing and race for nothing while eight threads open, write, wait and close', function () {
    this.timeout(120_000 + seconds * 1000);
    const folder = mkdtempSync(join(tmpdir(), 'uvio-mailbox-'));
    try {
      const program = join(folder, 'mailbox_threads');
      if (!compile(program)) this.skip();
      const run = spawnSync(program, [String(seconds)], {
        env: { ...env, TSAN_OPTIONS: 'halt_on_error=1' },
        encoding: 'utf8',
      });
      equal(run.status, 0, `${run.stdout}${run.stderr}`);
      equal(run.stderr, '');
      const { posted, ran, returned, requested, answered, ended } = JSON.parse(run.stdout);
      equal(posted, ran + returned);
      equal(requested, answered + ended);
      ok(returned > 0 && ended > 0 && answered > 0, run.stdout);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
