/**
 * The traces of CPython's asyncio: runs scenarios/main.py once, with python3, for all suites.
 *
 * Fails, and does not skip, where there is no python3: a comparison that silently did not happen is
 * worth nothing.
 */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(
  new URL('../../../test/differential/scenarios/main.py', import.meta.url),
);

// A scenario that hangs fails the suites instead of holding the process.
const TIMEOUT = 20_000;

export type Traces = ReadonlyMap<string, readonly string[]>;

let traces: Promise<Traces> | undefined;

/** Events by the scenario's name. */
export function pythonTraces(): Promise<Traces> {
  traces ??= play().then(parse);
  return traces;
}

function play(): Promise<string> {
  const { PYTHONASYNCIODEBUG: _, ...environment } = process.env;
  return new Promise((resolve, reject) => {
    execFile(
      'python3',
      ['-B', SCRIPT],
      { env: environment, timeout: TIMEOUT },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else if (error.code === 'ENOENT') {
          reject(new Error('the differential tests need python3 (3.11 or later) in PATH'));
        } else {
          reject(new Error(`python3 ${SCRIPT} failed (${error.code}):\n${stderr}`));
        }
      },
    );
  });
}

function parse(output: string): Traces {
  const found = new Map<string, string[]>();
  let events: string[] = [];
  for (const line of output.trimEnd().split('\n')) {
    if (line.startsWith('== ')) {
      events = [];
      found.set(line.slice('== '.length), events);
    } else {
      events.push(line);
    }
  }
  return found;
}
