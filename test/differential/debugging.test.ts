/**
 * Debug mode against CPython's: one faulty program under `python3 -X dev` and under uvio with UVIO_DEBUG=1.
 *
 * Compared is what each says, in which order: the message and what it names. Places, durations and stacks differ
 * by their nature, and are checked in test/core.
 */

import { deepEqual } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { leavesNothingOpen } from '../support.js';

const PYTHON = fileURLToPath(
  new URL('../../../test/differential/debugging/faulty.py', import.meta.url),
);
const UVIO = fileURLToPath(new URL('debugging/faulty.js', import.meta.url));
const TIMEOUT = 20_000;

function errorsOf(command: string, args: string[]): Promise<string> {
  const env = { ...process.env, UVIO_DEBUG: '1', PYTHONASYNCIODEBUG: '', PYTHONWARNINGS: '' };
  return new Promise((resolve, reject) => {
    execFile(command, args, { env, timeout: TIMEOUT }, (error, _stdout, stderr) => {
      if (error === null) resolve(stderr);
      else reject(new Error(`${command} failed: ${error.message}\n${stderr}`));
    });
  });
}

/** What a line is of; the rest is detail. */
const EVENTS: [RegExp, string][] = [
  [/^Executing <(Handle|TimerHandle) .*?(\w+)\(\).* took \d\.\d{3} seconds$/, 'slow $1 $2'],
  [
    /^Executing <Task (\w+) name='([\w-]+)' coro=<(\w+)\(\).* took \d\.\d{3} seconds$/,
    'slow task $2: $3',
  ],
  [/^Exception in callback (\w+)\(\)/, 'exception in $1'],
  [/coroutine '(\w+)' was never awaited/, 'never awaited: $1'],
  [/^Coroutine created at \(most recent call last\)/, 'its creation'],
  [/^(Task|Future) exception was never retrieved/, '$1 never retrieved'],
  [
    /^future: <(Task|Future) finished (?:name='(\w+)' coro=<(\w+)\(\) done.*)?exception=/,
    'the $1 $2 $3',
  ],
  [/^source_traceback: Object created at \(most recent call last\):/, 'source_traceback'],
  [/^handle_traceback: Handle created at \(most recent call last\):/, 'handle_traceback'],
  [
    /^Task <Task .*name='([\w-]+)'.*> got Future <Future pending.*> attached to a different loop/,
    '$1 of another loop',
  ],
  [/^by hand/, 'by hand'],
  [/^Task was destroyed but it is pending!/, 'destroyed'],
  [
    /^task: <Task pending name='(\w+)' coro=<(\w+)\(\) (?:running|done).* wait_for=<Future pending/,
    'the task $1 $2',
  ],
];

function events(errors: string): string[] {
  return errors.split('\n').flatMap((line) => {
    for (const [pattern, event] of EVENTS) {
      const match = pattern.exec(line);
      if (match !== null)
        return [event.replace(/\$(\d)/g, (_, group) => match[Number(group)] ?? '')];
    }
    return [];
  });
}

describe('debug mode compared with asyncio', () => {
  leavesNothingOpen();

  it('the same faulty program is told the same of, in the same order', async function () {
    this.timeout(2 * TIMEOUT);
    const python = await errorsOf('python3', ['-B', '-X', 'dev', PYTHON]);
    const uvio = await errorsOf(process.execPath, [UVIO]);
    deepEqual(events(uvio), events(python), `${python}\n---\n${uvio}`);
    deepEqual(events(uvio).length, 19, uvio);
  });
});
