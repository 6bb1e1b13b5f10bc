/**
 * What the tests of toDuplex() are made of: a connection between a peer on node:net and a pair of stream ends, and a
 * listener that writes a stream's events down.
 */

import type { Duplex } from 'node:stream';
import { type Server, type SocketAddress, type StreamPair, startServer } from 'uvio';
import { Peer, portOf } from '../io/peers.js';
import { inTask } from './stream_support.js';

/** One connection: its far end, its near end, and what closes the loop under it. */
export interface Connected {
  peer: Peer;
  pair: StreamPair;
  server: Server<SocketAddress, StreamPair>;
}

/** Runs `body` with a connection, whose ends it leaves closed or which is aborted. */
export function withConnection<T>(body: (on: Connected) => Promise<T>): Promise<T> {
  return inTask(async () => {
    const server = await startServer(null, '127.0.0.1', 0);
    const peer = await Peer.connect(portOf(server), { allowHalfOpen: true });
    try {
      for await (const pair of server) return await body({ peer, pair, server });
      throw new Error('no connection');
    } finally {
      server.close();
      server.abortClients();
      await server.waitClosed();
      await peer.close();
    }
  });
}

const EVENTS = ['connect', 'ready', 'end', 'finish', 'error', 'timeout', 'close'] as const;

/** The names of a stream's events as they come; an error with its code or name. */
export function eventsOf(stream: Duplex): string[] {
  const events: string[] = [];
  for (const name of EVENTS) {
    stream.on(name, (error?: Error & { code?: string }) =>
      events.push(name === 'error' ? `error ${error?.code ?? error?.name}` : name),
    );
  }
  return events;
}

/** Waits for 'close', which may have come. */
export async function closed(stream: Duplex): Promise<void> {
  if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
  // It is closed a little before it says so.
  await new Promise(setImmediate);
}

/** Reads up to the end. */
export async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
