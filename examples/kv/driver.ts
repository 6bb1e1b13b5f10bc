/*
 * A closed-loop load generator for the key-value servers, for machines without redis-benchmark, in a
 * process of its own so that its work is not the server's. Each connection sends a batch of requests
 * (SET, GET and INCR in turn), waits for all its replies, and sends the next. Invariant: exactly the
 * requests asked for are sent, and a reply that is missing or an error makes the run fail.
 */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { isMain } from './command-line.js';

export interface Load {
  host: string;
  port: number;
  clients: number;
  /** Requests in a batch. */
  pipeline: number;
  /** Requests in all. */
  requests: number;
  /** Bytes in a value. */
  size: number;
  /** Different keys. */
  keys: number;
}

/** What a run showed. Latencies are a batch's, in milliseconds. */
export interface LoadResult {
  requests: number;
  perSecond: number;
  p50: number;
  p99: number;
}

/** Each connection goes round this many prepared batches, so that making them costs the run nothing. */
const BATCHES = 8;

const CARRIAGE_RETURN = 0x0d;
const DOLLAR = 0x24;
const MINUS = 0x2d;
const NOTHING = Buffer.alloc(0);

/** Counts replies as they arrive, however they are split; no arrays, which this load never asks for. */
export class ReplyCounter {
  count = 0;
  /** The first error among them. */
  error: string | undefined;
  private rest: Buffer = NOTHING;

  push(chunk: Buffer): void {
    const data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    for (;;) {
      const line = data.indexOf(CARRIAGE_RETURN, at);
      if (line === -1) {
        break;
      }
      let end = line + 2;
      if (data[at] === DOLLAR) {
        const length = Number(data.toString('latin1', at + 1, line));
        end += length < 0 ? 0 : length + 2;
      }
      if (end > data.length) {
        break;
      }
      this.count++;
      if (data[at] === MINUS) {
        this.error ??= data.toString('latin1', at + 1, line);
      }
      at = end;
    }
    this.rest = data.subarray(at);
  }
}

/** Encodes a request as clients do: an array of bulk strings. */
export function encodeRequest(words: readonly string[]): string {
  const bulks = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${bulks.join('')}`;
}

/** Puts the load on the server and measures. */
export async function drive(load: Load): Promise<LoadResult> {
  const sockets = await Promise.all(
    Array.from({ length: load.clients }, () => openSocket(load.host, load.port)),
  );
  const latencies: number[] = [];
  const account = { left: load.requests };
  const began = performance.now();
  try {
    await Promise.all(sockets.map((socket) => exchange(socket, load, account, latencies)));
  } finally {
    for (const socket of sockets) {
      socket.destroy();
    }
  }
  const seconds = (performance.now() - began) / 1000;
  const sorted = Float64Array.from(latencies).sort();
  const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return {
    requests: load.requests,
    perSecond: load.requests / seconds,
    p50: quantile(0.5),
    p99: quantile(0.99),
  };
}

async function openSocket(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

function exchange(
  socket: Socket,
  load: Load,
  account: { left: number },
  latencies: number[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const batches = Array.from({ length: BATCHES }, (_, index) => makeBatch(load, index));
    const replies = new ReplyCounter();
    let turn = 0;
    let wanted = 0;
    let sentAt = 0;
    const send = () => {
      const size = Math.min(load.pipeline, account.left);
      if (size === 0) {
        resolve();
        return;
      }
      account.left -= size;
      wanted += size;
      const batch = batches[turn++ % BATCHES] as Batch;
      sentAt = performance.now();
      socket.write(batch.bytes.subarray(0, batch.ends[size - 1]));
    };
    socket.on('data', (chunk: Buffer) => {
      replies.push(chunk);
      if (replies.error !== undefined || replies.count > wanted) {
        reject(new Error(`unexpected reply: ${replies.error ?? 'one too many'}`));
      } else if (replies.count === wanted) {
        latencies.push(performance.now() - sentAt);
        send();
      }
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed a connection')));
    send();
  });
}

interface Batch {
  bytes: Buffer;
  /** Where each of its requests ends: the last batch of a run may be cut short. */
  ends: number[];
}

function makeBatch(load: Load, seed: number): Batch {
  const key = () => String(Math.floor(Math.random() * load.keys)).padStart(12, '0');
  const value = 'x'.repeat(load.size);
  let text = '';
  const ends: number[] = [];
  for (let index = 0; index < load.pipeline; index++) {
    const kinds = [
      ['SET', `key:${key()}`, value],
      ['GET', `key:${key()}`],
      ['INCR', `counter:${key()}`],
    ];
    text += encodeRequest(kinds[(seed + index) % kinds.length] as string[]);
    ends.push(text.length);
  }
  return { bytes: Buffer.from(text, 'latin1'), ends };
}

if (isMain(import.meta.url)) {
  const { values } = parseArgs({ options: { load: { type: 'string' } }, strict: true });
  if (values.load === undefined) {
    throw new Error('--load wants the load as JSON');
  }
  console.log(JSON.stringify(await drive(JSON.parse(values.load) as Load)));
}
