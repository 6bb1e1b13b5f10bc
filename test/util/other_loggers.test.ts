/**
 * Loggers of others in the place of uvio's: pino and winston, at their levels, and a sink on a thread of its own.
 *
 * A sink that stalls for a second must not stall the loop: its thread stands still, the loop's goes on.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import winston from 'winston';
import { logger, newEventLoop, setLogger, sleep } from '../../src/index.js';
import { log } from '../../src/util/logger.js';
import { leavesNothingOpen } from '../support.js';

// It writes the first message after a second of standing still, and its thread has no other.
const STALLING_SINK = `
  import { appendFileSync } from 'node:fs';
  import { Writable } from 'node:stream';
  let isFirst = true;
  export default ({ file }) => new Writable({
    write(chunk, encoding, done) {
      if (isFirst) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      isFirst = false;
      appendFileSync(file, chunk);
      done();
    },
  });`;

function collector(): { lines: string[]; stream: Writable } {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk).trim());
      done();
    },
  });
  return { lines, stream };
}

function logAll(): void {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log(level, `at ${level}`);
}

describe('loggers of others', () => {
  leavesNothingOpen();
  afterEach(() => setLogger(logger));

  it('pino takes messages at its levels', () => {
    const { lines, stream } = collector();
    setLogger(pino({ name: 'asyncio', level: 'info' }, stream));
    logAll();
    const messages = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    deepEqual(
      messages.map(({ name, level, msg }) => [name, level, msg]),
      [
        ['asyncio', 30, 'at info'],
        ['asyncio', 40, 'at warn'],
        ['asyncio', 50, 'at error'],
      ],
    );
  });

  it('winston takes messages at its levels', async () => {
    const { lines, stream } = collector();
    const transport = new winston.transports.Stream({ stream });
    const its = winston.createLogger({ level: 'info', transports: [transport] });
    setLogger(its);
    logAll();
    its.end();
    await once(its, 'finish');
    deepEqual(
      lines.map((line) => JSON.parse(line) as object),
      ['info', 'warn', 'error'].map((level) => ({ level, message: `at ${level}` })),
    );
  });

  it('a sink that stalls for a second on its thread does not stall the loop', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'uvio-log-'));
    const loop = newEventLoop();
    try {
      const target = join(folder, 'sink.mjs');
      const file = join(folder, 'log');
      writeFileSync(target, STALLING_SINK);
      writeFileSync(file, '');
      const sink = pino.transport({ target, options: { file } });
      await once(sink, 'ready');
      setLogger(pino(sink));
      const written = () => readFileSync(file, 'utf8').split('\n').length - 1;
      const turnsMeanwhile = await loop.runUntilComplete(async () => {
        let turns = 0;
        for (let line = 0; line < 10; line++)
          loop.callExceptionHandler({ message: `line ${line}` });
        // While the sink stands still nothing is written, and the loop keeps its time.
        while (written() === 0) {
          await sleep(10);
          turns++;
        }
        while (written() < 10) await sleep(10);
        return turns;
      });
      // A hundred if the machine has time for it; one or two if the loop had stood still as well.
      ok(turnsMeanwhile >= 20, `${turnsMeanwhile} turns while the sink stalled`);
      equal(written(), 10);
      sink.end();
      await once(sink, 'close');
    } finally {
      loop.close();
      rmSync(folder, { recursive: true });
    }
  });
});
