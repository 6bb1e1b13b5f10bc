/*
 * For the tests of the key-value servers: both servers behind one way to start them, and a client
 * that sends raw bytes over a real socket and reads replies one at a time. Invariant: nothing here
 * waits for time to pass; whatever is awaited is an event or a reply.
 */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { run } from 'uvio';
import type { RunningServer, ServeOptions } from '../../examples/kv/command-line.js';
import { encodeRequest } from '../../examples/kv/driver.js';
import { serve as serveOnUvio } from '../../examples/kv-server.js';
import { serve as serveOnNet } from '../../examples/kv-server-net.js';

export type Start = (options: ServeOptions) => Promise<RunningServer>;

/** Every server that has to behave in the same way. */
export const servers: Record<string, Start> = {
  'kv-server': serveUnderRun,
  'kv-server-net': serveOnNet,
};

/** Serves inside a `run` of its own, which ends when the server is closed. */
async function serveUnderRun(options: ServeOptions): Promise<RunningServer> {
  const stop = new AbortController();
  let ended: Promise<unknown> = Promise.resolve();
  const server = await new Promise<RunningServer>((resolve, reject) => {
    ended = run(async () => {
      const running = await serveOnUvio(options);
      const stopped = once(stop.signal, 'abort');
      resolve(running);
      await stopped;
      await running.close();
    });
    ended.catch(reject);
  });
  return {
    host: server.host,
    port: server.port,
    async close() {
      stop.abort();
      await ended;
    },
  };
}

/** A reply: bulks and statuses as latin1 text, errors as `Error`, the null bulk as null. */
export type Reply = string | number | null | Error | Reply[];

export class RawClient {
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private wanted = 0;
  private wake: (() => void) | undefined;
  private ended = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.pending.push(chunk);
      this.pendingBytes += chunk.length;
      if (this.pendingBytes >= this.wanted) {
        this.wake?.();
      }
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      this.ended = true;
      this.wake?.();
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Sends characters as bytes. */
  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Sends one request and reads its reply. */
  async ask(...words: string[]): Promise<Reply> {
    this.socket.write(encodeRequest(words));
    return this.reply();
  }

  /** Sends an inline request and reads its reply. */
  async line(text: string): Promise<Reply> {
    this.send(`${text}\r\n`);
    return this.reply();
  }

  /** Reads one reply. */
  async reply(): Promise<Reply> {
    const line = await this.takeLine();
    const rest = line.slice(1);
    switch (line[0]) {
      case '+':
        return rest;
      case '-':
        return new Error(rest);
      case ':':
        return Number(rest);
      case '$':
        return Number(rest) < 0 ? null : (await this.take(Number(rest) + 2)).slice(0, -2);
      case '*': {
        const elements: Reply[] = [];
        for (let index = 0; index < Number(rest); index++) {
          elements.push(await this.reply());
        }
        return elements;
      }
      default:
        throw new Error(`not a reply: ${line}`);
    }
  }

  /** Everything that comes until the server closes the connection. */
  async untilClosed(): Promise<string> {
    while (!this.ended) {
      await this.more(Number.POSITIVE_INFINITY);
    }
    return Buffer.concat(this.pending).toString('latin1');
  }

  async close(): Promise<void> {
    this.socket.destroy();
    if (!this.ended) {
      await once(this.socket, 'close');
    }
  }

  private async takeLine(): Promise<string> {
    for (;;) {
      const all = this.gather();
      const end = all.indexOf('\r\n');
      if (end !== -1) {
        return (await this.take(end + 2)).slice(0, -2);
      }
      await this.more(this.pendingBytes + 1);
    }
  }

  private async take(size: number): Promise<string> {
    while (this.pendingBytes < size) {
      await this.more(size);
    }
    const all = this.gather();
    this.pending = [all.subarray(size)];
    this.pendingBytes -= size;
    return all.toString('latin1', 0, size);
  }

  private gather(): Buffer {
    const all =
      this.pending.length === 1 ? (this.pending[0] as Buffer) : Buffer.concat(this.pending);
    this.pending = [all];
    return all;
  }

  private async more(wanted: number): Promise<void> {
    if (this.ended) {
      throw new Error('the server closed the connection');
    }
    this.wanted = wanted;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
  }
}

/** What keeps the process alive, sockets and servers only. */
export function openSockets(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|Pipe|Process/.test(name));
}
