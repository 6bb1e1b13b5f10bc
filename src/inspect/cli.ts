#!/usr/bin/env node
/**
 * The command `uvio`: looks into a running process from outside. `python -m asyncio ps` and `pstree` are its models.
 *
 * Exit codes: 0 the process was looked into (blocked or not), 1 it cannot be, 2 the command line is wrong. It loads
 * neither the loop nor the addon.
 */

import { parseArgs } from 'node:util';
import { InspectionError, inspectProcess } from './client.js';
import { childrenOf } from './processes.js';
import { psText } from './ps.js';
import { pstreeText, treesOf } from './pstree.js';
import { isResponding } from './threads_text.js';
import { top } from './top.js';

const USAGE = `usage: uvio ps PID [--json]
       uvio pstree PID [--json]
       uvio top PID [--json] [--interval SECONDS] [--count N]

ps      tasks, servers and connections of a running process
pstree  who waits for whom
top     the same as it changes; q ends it

The process must be yours, and have been started with UVIO_INSPECT=1.
Exit codes: 0 done, 1 the process cannot be inspected, 2 wrong arguments.
`;

const CANNOT = 1;
const WRONG = 2;
const LARGEST_PID = 0x7fffffff;
const SHORTEST_INTERVAL = 0.1; // s
const LONGEST_INTERVAL = 86_400; // s
const MILLISECONDS_PER_SECOND = 1000;

class UsageError extends Error {}

interface Arguments {
  command: string;
  pid: number;
  json: boolean;
  /** Milliseconds. */
  interval: number;
  count: number;
}

/** Null: help is wanted. @throws UsageError */
function readArguments(words: string[]): Arguments | null {
  const { values, positionals } = parse(words);
  if (values.help === true) return null;
  const [command, pid, ...rest] = positionals;
  if (command === undefined) throw new UsageError('a command is needed');
  if (!['ps', 'pstree', 'top'].includes(command)) throw new UsageError(`no command '${command}'`);
  if (pid === undefined) throw new UsageError('the PID of a process is needed');
  if (rest.length > 0) throw new UsageError(`one argument too many: '${rest[0]}'`);
  const { interval = '1', count = 'Infinity', json = false } = values;
  if (command !== 'top' && (values.interval ?? values.count) !== undefined) {
    throw new UsageError(`${command} takes neither --interval nor --count`);
  }
  return {
    command,
    pid: readNumber('PID', pid, 1, LARGEST_PID, true),
    json,
    interval:
      readNumber('--interval', interval, SHORTEST_INTERVAL, LONGEST_INTERVAL, false) *
      MILLISECONDS_PER_SECOND,
    count: count === 'Infinity' ? Infinity : readNumber('--count', count, 1, LARGEST_PID, true),
  };
}

function parse(words: string[]) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        interval: { type: 'string' },
        count: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readNumber(
  name: string,
  text: string,
  least: number,
  most: number,
  whole: boolean,
): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? 'an integer' : 'a number';
  throw new UsageError(`${name} must be ${kind} from ${least} to ${most}, not '${text}'`);
}

async function look({ command, pid, json, interval, count }: Arguments): Promise<void> {
  if (command === 'top') {
    await top(pid, { json, interval, count });
    return;
  }
  const threads = await inspectProcess(pid);
  let text: string;
  if (command === 'ps') {
    text = json
      ? JSON.stringify({ pid, children: childrenOf(pid), threads })
      : psText(pid, threads);
  } else if (json) {
    const trees = threads.map((thread) =>
      isResponding(thread)
        ? { threadId: thread.threadId, state: thread.state, loops: thread.loops.map(treesOf) }
        : thread,
    );
    text = JSON.stringify({ pid, threads: trees });
  } else {
    text = pstreeText(pid, threads);
  }
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<void> {
  try {
    const given = readArguments(process.argv.slice(2));
    if (given === null) process.stdout.write(USAGE);
    else await look(given);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`uvio: ${error.message}\n${USAGE}`);
      process.exitCode = WRONG;
    } else if (error instanceof InspectionError) {
      process.stderr.write(`uvio: ${error.message}\n`);
      process.exitCode = CANNOT;
    } else {
      throw error;
    }
  }
}

// A reader that has seen enough, as head, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
await main();
