/**
 * The program of the workers in the tests of serve(): a server of lines that does as it is told.
 *
 * A connection is greeted with the worker's index and thread; a line is echoed, or makes the worker die or stall. What
 * `worker.data` says of starting is done first. A file that is read makes starts fail from outside.
 */

import { existsSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import {
  Protocol,
  type ServeWorker,
  type StreamReader,
  type StreamWriter,
  sleep,
  type Transport,
} from '../../src/index.js';

export interface ProgramData {
  /** Fails while this file is there. */
  failsWith?: string;
  /** Returns without a server. */
  idle?: boolean;
  streams?: boolean;
  /** Goes on for ever, as a server's serveForever() does. */
  goesOn?: boolean;
  ssl?: { key: string; cert: string };
}

const orders: Record<string, () => void> = {
  throw: () =>
    setImmediate(() => {
      throw new RangeError('told to');
    }),
  exit: () => process.exit(3),
  leave: () => process.exit(0),
  // Until it is terminated.
  block: () => setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)),
};

class Lines extends Protocol {
  #transport!: Transport;
  #unfinished = '';

  constructor(readonly worker: ServeWorker) {
    super();
  }

  override connectionMade(transport: Transport): void {
    this.#transport = transport;
    transport.write(`${this.worker.index} ${threadId}\n`);
  }

  override dataReceived(data: Buffer): void {
    const lines = (this.#unfinished + data.toString()).split('\n');
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) {
      orders[line]?.();
      this.#transport.write(line === 'draining?' ? `${this.worker.signal.aborted}\n` : `${line}\n`);
    }
  }
}

async function echoLines(reader: StreamReader, writer: StreamWriter): Promise<void> {
  writer.write(`streams ${threadId}\n`);
  for await (const line of reader) {
    writer.write(line);
    await writer.drain();
  }
  writer.close();
}

export default async function program(worker: ServeWorker): Promise<void> {
  const { failsWith, idle, streams, goesOn, ssl } = (worker.data ?? {}) as ProgramData;
  if (failsWith !== undefined && existsSync(failsWith)) {
    throw Object.assign(new RangeError('cannot start'), { code: 'ETOLD' });
  }
  if (idle === true) return;
  const options = ssl === undefined ? {} : { ssl };
  if (streams === true) await worker.startServer(echoLines, options);
  else await worker.createServer(() => new Lines(worker), options);
  if (goesOn === true) await sleep(Number.POSITIVE_INFINITY);
}
