/**
 * Much data through programs: memory that the protocol provides, and pipes that become larger.
 *
 * asyncio's subprocess protocols have no memory of their own; what is said here of getPipeBuffer() is what
 * BufferedProtocol does for connections. Guards: no byte is lost, moved or read before connectionMade, and what a program
 * does not read stays bounded.
 */

import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import {
  BufferedSubprocessProtocol,
  DEVNULL,
  type EventLoop,
  type ReadTransport,
  type SubprocessTransport,
} from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { Deferred, randomData, sha256, withLoop } from './peers.js';
import { finished, inputOf, ProcessRecorder, startsPrograms, until } from './process_peers.js';

/** Has all programs write to the same few bytes, and copies what it is to keep. */
class Reused extends BufferedSubprocessProtocol {
  readonly memory: Buffer;
  readonly chunks: Buffer[] = [];
  readonly events: string[] = [];
  readonly #lost = new Deferred<void>();
  readonly lost = this.#lost.promise;

  constructor(size = 64 * 1024) {
    super();
    this.memory = Buffer.alloc(size);
  }

  override connectionMade(_transport: SubprocessTransport): void {
    this.events.push('connectionMade');
  }

  override getPipeBuffer(fd: number, sizeHint: number): Uint8Array {
    const event = `buffer for ${fd}`;
    if (!this.events.includes(event)) this.events.push(event);
    ok(Number.isInteger(sizeHint) && sizeHint !== 0);
    return this.memory;
  }

  override pipeBufferUpdated(_fd: number, size: number): void {
    this.chunks.push(Buffer.from(this.memory.subarray(0, size)));
  }

  override pipeConnectionLost(fd: number, exception: Error | null): void {
    this.events.push(`lost ${fd} ${exception}`);
  }

  override processExited(): void {
    this.events.push('exited');
  }

  override connectionLost(): void {
    this.#lost.resolve();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

/** A program that tells how much the pipe on its standard input holds, once it is told to go on. */
const TELLS_CAPACITY = [
  '-c',
  'import fcntl, sys; sys.stdin.buffer.read(); print(fcntl.fcntl(0, 1032))',
];

async function capacityAfter(loop: EventLoop, size: number): Promise<number> {
  const started = loop.subprocessExec(() => new ProcessRecorder(), 'python3', TELLS_CAPACITY);
  const [transport] = await started;
  inputOf(transport).write(Buffer.alloc(size));
  inputOf(transport).writeEof();
  return Number((await finished(started)).stdout);
}

/** Takes what a program has not read of its standard input, and counts it. */
function takeFromPipe(pid: number): number {
  const pipe = openSync(`/proc/${pid}/fd/0`, constants.O_RDONLY | constants.O_NONBLOCK);
  let size = 0;
  try {
    for (;;) size += readSync(pipe, Buffer.alloc(2 ** 20));
  } catch (error) {
    equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
  } finally {
    closeSync(pipe);
  }
  return size;
}

describe('bulk data of subprocesses', () => {
  startsPrograms();
  leavesNothingOpen();

  it('is read into memory of the protocol, every byte once and in order', () =>
    withLoop(async (loop) => {
      const data = randomData(4 * 2 ** 20);
      const [transport, protocol] = await loop.subprocessExec(
        () => new Reused(100_000),
        'cat',
        [],
        { stderr: DEVNULL },
      );
      inputOf(transport).write(data);
      inputOf(transport).writeEof();
      await protocol.lost;
      equal(sha256(protocol.bytes), sha256(data));
      ok(protocol.chunks.every((chunk) => chunk.length <= 100_000));
      deepEqual(protocol.events.slice(0, 2), ['connectionMade', 'buffer for 1']);
      deepEqual(protocol.events.slice(2).sort(), ['exited', 'lost 0 null', 'lost 1 null']);
    }));

  it('is told apart by descriptor', () =>
    withLoop(async (loop) => {
      class Apart extends Reused {
        readonly texts = ['', '', '', ''];
        override pipeBufferUpdated(fd: number, size: number): void {
          this.texts[fd] += this.memory.toString('latin1', 0, size);
        }
      }
      const options = { stdin: DEVNULL, fds: { 3: -1 } };
      const script = 'echo out; echo err >&2; echo three >&3';
      const [, protocol] = await loop.subprocessShell(() => new Apart(), script, options);
      await protocol.lost;
      deepEqual(protocol.texts, ['', 'out\n', 'err\n', 'three\n']);
    }));

  it('may be written to another program out of that memory', () =>
    withLoop(async (loop) => {
      const data = randomData(2 ** 20);
      const second = new ProcessRecorder();
      const [sink] = await loop.subprocessExec(() => second, 'cat');
      class Forwarding extends Reused {
        override pipeBufferUpdated(_fd: number, size: number): void {
          inputOf(sink).write(this.memory.subarray(0, size));
        }
        override processExited(): void {}
      }
      const [source, protocol] = await loop.subprocessExec(() => new Forwarding(), 'cat');
      inputOf(source).write(data);
      inputOf(source).writeEof();
      await protocol.lost;
      inputOf(sink).writeEof();
      await second.lost;
      equal(sha256(second.stdout.bytes()), sha256(data));
    }));

  it('goes to another protocol from the moment at which there is one', () =>
    withLoop(async (loop) => {
      const first = new ProcessRecorder();
      const [transport] = await loop.subprocessExec(() => first, 'cat');
      inputOf(transport).write('first');
      await first.stdout.has(5);
      const second = new Reused();
      transport.setProtocol(second);
      inputOf(transport).write('second');
      await until(() => second.bytes.length === 6, 'what the second protocol reads');
      const third = new ProcessRecorder();
      transport.setProtocol(third);
      inputOf(transport).write('third');
      inputOf(transport).writeEof();
      await third.lost;
      deepEqual(
        [first.stdout.text(), String(second.bytes), third.stdout.text()],
        ['first', 'second', 'third'],
      );
    }));

  it('reports what the protocol throws, and goes on; without memory the pipe ends', () =>
    withLoop(async (loop, reports) => {
      class Throwing extends Reused {
        override pipeBufferUpdated(): void {
          throw new Error('broken');
        }
      }
      class Empty extends Reused {
        override getPipeBuffer(): Uint8Array {
          return new Uint8Array(0);
        }
      }
      for (const protocol of [new Throwing(), new Empty()]) {
        const [transport] = await loop.subprocessExec(() => protocol, 'echo', ['x'], {
          stdin: DEVNULL,
          stderr: DEVNULL,
        });
        await protocol.lost;
        equal(transport.getReturncode(), 0);
      }
      const [first, second, ...others] = reports.splice(0);
      equal(String(first?.exception), 'Error: broken');
      match(String(second?.exception), /getBuffer\(\) returned an empty buffer/);
      deepEqual(others, []);
    }));

  it('needs both methods', () =>
    withLoop(async (loop) => {
      const [transport, protocol] = await loop.subprocessExec(() => new Reused(), 'cat');
      const lacking = { ...new ProcessRecorder(), connectionMade() {}, connectionLost() {} };
      const wrong = Object.assign(lacking, { getPipeBuffer: () => Buffer.alloc(1) });
      throws(() => transport.setProtocol(wrong as never), /'pipeBufferUpdated'/);
      transport.close();
      await protocol.lost;
    }));

  it('is not read before connectionMade, where it may be paused', () =>
    withLoop(async (loop) => {
      class Paused extends ProcessRecorder {
        override connectionMade(transport: SubprocessTransport): void {
          super.connectionMade(transport);
          (transport.getPipeTransport(1) as ReadTransport<string>).pauseReading();
        }
      }
      const options = { stdin: DEVNULL };
      const [transport, protocol] = await loop.subprocessExec(
        () => new Paused(),
        'echo',
        ['x'],
        options,
      );
      await protocol.exited;
      ok(!protocol.events.includes('data 1'));
      (transport.getPipeTransport(1) as ReadTransport<string>).resumeReading();
      await protocol.lost;
      equal(protocol.stdout.text(), 'x\n');
    }));

  it('makes its pipe larger, and little data does not', async function () {
    if (process.platform !== 'linux') this.skip();
    await withLoop(async (loop) => {
      equal(await capacityAfter(loop, 60_000), 64 * 1024);
      equal(await capacityAfter(loop, 300_000), 256 * 1024);
    });
  });

  it('stays bounded, and of a process only so many pipes are large', async function () {
    if (process.platform !== 'linux') this.skip();
    await withLoop(async (loop) => {
      const programs: SubprocessTransport[] = [];
      for (let count = 0; count < 66; count++) {
        const made = loop.subprocessExec(() => new ProcessRecorder(), 'sleep', ['1000']);
        const [transport, protocol] = await made;
        programs.push(transport);
        inputOf(transport).write(Buffer.alloc(512 * 1024));
        ok(protocol.events.includes('pauseWriting'));
      }
      const held = programs.map((transport) => takeFromPipe(transport.getPid()));
      for (const transport of programs) transport.close();
      equal(held.filter((size) => size === 256 * 1024).length, 64);
      equal(held.filter((size) => size === 64 * 1024).length, 2);
    });
  });
});
