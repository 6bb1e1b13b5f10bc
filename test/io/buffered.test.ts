/**
 * BufferedProtocol: reads that land in the protocol's own memory.
 *
 * Guards: memory that is reused for every read, and shared by every connection, never corrupts what
 * was written from it, also while writes queue behind slow readers; bad memory is refused and ends
 * only its own connection.
 */

import { equal, ok } from 'node:assert/strict';
import { BufferedProtocol, RuntimeError, type Transport } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { BufferedEcho, Deferred, Peer, Recorder, randomData, sha256, withServer } from './peers.js';

/** A peer that sends random data, reads in fits and starts, and checks what it gets back. */
async function exchange(port: number, size: number, until?: () => boolean): Promise<void> {
  const data = randomData(size);
  const peer = await Peer.connect(port);
  let reads = 0;
  peer.socket.on('data', () => {
    if (++reads % 3 !== 0) return;
    peer.socket.pause();
    setImmediate(() => setImmediate(() => peer.socket.resume()));
  });
  peer.socket.pause();
  peer.socket.write(data);
  while (until?.() === false) await new Promise(setImmediate);
  peer.socket.resume();
  await peer.inbox.has(size);
  equal(sha256(peer.inbox.bytes()), sha256(data));
  await peer.close();
}

/** Echoes from memory that it shares with all others, in slices. */
class SlicedEcho extends BufferedEcho {
  /** Echoes whose writes have queued up behind a slow reader. */
  static readonly queued = new Set<SlicedEcho>();
  readonly #shared: Uint8Array;
  readonly #send: (transport: Transport, bytes: Uint8Array) => void;

  constructor(memory: Uint8Array, send: (transport: Transport, bytes: Uint8Array) => void) {
    super(memory);
    this.#shared = memory;
    this.#send = send;
  }

  override bufferUpdated(size: number): void {
    if (this.transport.getWriteBufferSize() > 0) SlicedEcho.queued.add(this);
    this.#send(this.transport, this.#shared.subarray(0, size));
  }
}

/** Several peers at once, none of which reads before every echo has had to queue. */
async function echoThroughSlowReaders(
  memory: Uint8Array,
  send: (transport: Transport, bytes: Uint8Array) => void,
): Promise<void> {
  const peers = 4;
  SlicedEcho.queued.clear();
  await withServer(
    () => new SlicedEcho(memory, send),
    async ({ port }) => {
      const queued = () => SlicedEcho.queued.size === peers;
      const size = 12 * 1024 * 1024;
      await Promise.all(Array.from({ length: peers }, () => exchange(port, size, queued)));
    },
  );
}

describe('BufferedProtocol', () => {
  leavesNothingOpen();

  it('an echo that reuses one memory for all connections never corrupts', async () => {
    await echoThroughSlowReaders(Buffer.alloc(64 * 1024), (transport, bytes) => {
      transport.write(bytes);
    });
  });

  const slicings: Record<string, (memory: Uint8Array) => Uint8Array[]> = {
    'small slices': (bytes) => slices(bytes, 1000),
    'slices of 15,000 bytes': (bytes) => slices(bytes, 15_000),
    'a short head and a long rest': (bytes) => [bytes.subarray(0, 8), bytes.subarray(8)],
    'a long head and a short rest': (bytes) => [bytes.subarray(0, -8), bytes.subarray(-8)],
  };
  for (const [name, slice] of Object.entries(slicings)) {
    for (const way of ['write', 'writelines'] as const) {
      it(`nor when it writes its memory in ${name}, by ${way}()`, async () => {
        await echoThroughSlowReaders(Buffer.alloc(256 * 1024), (transport, bytes) => {
          const parts = slice(bytes);
          if (way === 'writelines') transport.writelines(parts);
          else for (const part of parts) transport.write(part);
        });
      });
    }
  }

  it('nor when it writes its memory to the transport of a protocol of the other kind', () => {
    const memory = Buffer.alloc(64 * 1024);
    const data = randomData(16 * 1024 * 1024);
    const sink = new Recorder();
    let queued = false;
    class Forward extends BufferedEcho {
      override bufferUpdated(size: number): void {
        sink.transport.write(memory.subarray(0, size));
        if (sink.transport.getWriteBufferSize() > 0) queued = true;
      }
    }
    const made = [sink, new Forward(memory)];
    return withServer(
      () => made.shift() as Recorder | Forward,
      async ({ port }) => {
        const receiver = await Peer.connect(port);
        receiver.socket.pause();
        await sink.made;
        const sender = await Peer.connect(port);
        sender.socket.write(data);
        while (!queued) await new Promise(setImmediate);
        // More comes in while it waits in the queue.
        for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
        receiver.socket.resume();
        await receiver.inbox.has(data.length);
        equal(sha256(receiver.inbox.bytes()), sha256(data));
        await Promise.all([sender.close(), receiver.close()]);
      },
    );
  });

  it('memory of one byte, of odd sizes and of other views is read into', async () => {
    const memories = [
      Buffer.alloc(1),
      new Uint8Array(new ArrayBuffer(1000), 13, 77),
      new Uint8Array(new SharedArrayBuffer(1000)),
      Buffer.alloc(300_000),
    ];
    for (const memory of memories) {
      const size = memory.length === 1 ? 5000 : 1024 * 1024;
      await withServer(
        () => new BufferedEcho(memory),
        ({ port }) => exchange(port, size),
      );
    }
  });

  it('gets a hint of a useful size, and may give other memory each time', async () => {
    const hints: number[] = [];
    const parts: Buffer[] = [];
    const lost = new Deferred<Error | null>();
    class Collector extends BufferedProtocol {
      memory = Buffer.alloc(0);
      override getBuffer(sizeHint: number): Uint8Array {
        hints.push(sizeHint);
        this.memory = Buffer.alloc(hints.length * 100);
        return this.memory;
      }
      override bufferUpdated(size: number): void {
        ok(size > 0 && size <= this.memory.length);
        parts.push(this.memory.subarray(0, size));
      }
      override connectionLost = lost.resolve;
    }
    const data = randomData(100_000);
    await withServer(
      () => new Collector(),
      async ({ port }) => {
        const peer = await Peer.connect(port);
        peer.socket.end(data);
        equal(await lost.promise, null);
        await peer.closed;
      },
    );
    equal(sha256(parts), sha256(data));
    ok(hints.every((hint) => Number.isInteger(hint) && (hint > 0 || hint === -1)));
  });

  const wrong: Record<string, unknown> = {
    undefined: undefined,
    null: null,
    'an empty Buffer': Buffer.alloc(0),
    'a string': 'memory',
    'a number': 1024,
    'an ArrayBuffer': new ArrayBuffer(8),
    'a plain object': { length: 8, byteLength: 8 },
  };
  for (const [name, memory] of Object.entries(wrong)) {
    it(`${name} from getBuffer() is reported and ends the connection`, async () => {
      const lost = new Deferred<Error | null>();
      let bad = true;
      class Refusing extends BufferedEcho {
        override getBuffer(): Uint8Array {
          return bad ? (memory as Uint8Array) : super.getBuffer();
        }
        override connectionLost = lost.resolve;
      }
      await withServer(
        () => new Refusing(),
        async ({ port, reports }) => {
          const peer = await Peer.connect(port);
          peer.socket.write('hello');
          const error = await lost.promise;
          ok(error instanceof RuntimeError || error instanceof TypeError, String(error));
          equal(reports.splice(0)[0]?.exception, error);
          await peer.closed;
          bad = false;
          const next = await Peer.connect(port);
          equal(await next.ask('served'), 'served');
          await next.close();
        },
      );
    });
  }

  it('memory that was given away in getBuffer() ends the connection, not the process', async () => {
    const lost = new Deferred<Error | null>();
    class Detaching extends BufferedEcho {
      override getBuffer(): Uint8Array {
        const memory = new Uint8Array(100);
        structuredClone(memory.buffer, { transfer: [memory.buffer] });
        return memory;
      }
      override connectionLost = lost.resolve;
    }
    await withServer(
      () => new Detaching(),
      async ({ port, reports }) => {
        const peer = await Peer.connect(port);
        peer.socket.write('hello');
        ok((await lost.promise) instanceof Error);
        reports.splice(0);
        await peer.closed;
      },
    );
  });

  it('pauseReading() in getBuffer() is obeyed, and nothing is lost', async () => {
    const parts: Buffer[] = [];
    const lost = new Deferred<Error | null>();
    class Pausing extends BufferedProtocol {
      transport!: Transport;
      paused = 0;
      readonly memory = Buffer.alloc(10_000);
      override connectionMade(transport: Transport): void {
        this.transport = transport;
      }
      override getBuffer(): Uint8Array {
        if (++this.paused % 2 === 1) {
          this.transport.pauseReading();
          setImmediate(() => this.transport.resumeReading());
        }
        return this.memory;
      }
      override bufferUpdated(size: number): void {
        parts.push(Buffer.from(this.memory.subarray(0, size)));
      }
      override connectionLost = lost.resolve;
    }
    const data = randomData(300_000);
    await withServer(
      () => new Pausing(),
      async ({ port }) => {
        const peer = await Peer.connect(port);
        peer.socket.end(data);
        equal(await lost.promise, null);
        await peer.closed;
      },
    );
    equal(sha256(parts), sha256(data));
  });
});

function slices(bytes: Uint8Array, size: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  return parts;
}
