/*
 * A chat on uvio's streams: whoever connects says a name, then every line goes to all the others. Try it
 * with `nc 127.0.0.1 7070`. Invariants: a name is one person's; who reads too slowly, or not at all, is dropped, so
 * that what one client can make the server hold is bounded.
 */

import { parseArgs } from 'node:util';
import { run, type Server, type StreamReader, type StreamWriter, startServer } from 'uvio';
import { isMain } from './kv/command-line.js';

const LONGEST_LINE = 1024;
const MOST_UNREAD = 256 * 1024;
const NAME = /^\w{1,20}$/;

export class Room {
  readonly #people = new Map<string, StreamWriter>();

  get names(): string[] {
    return [...this.#people.keys()].sort();
  }

  /** Serves one connection: what startServer() calls. */
  async welcome(reader: StreamReader, writer: StreamWriter): Promise<void> {
    // Sends what is left and closes, however this ends.
    await using _ = writer;
    try {
      const name = await this.#askName(reader, writer);
      if (name !== null) await this.#listen(name, reader, writer);
    } catch (error) {
      if (error instanceof RangeError) writer.write('! that line was too long\n');
      // People leave without a word, and pull the plug.
      else if (!(error instanceof Error && 'syscall' in error)) throw error;
    }
  }

  /** Null when the connection ended first. */
  async #askName(reader: StreamReader, writer: StreamWriter): Promise<string | null> {
    writer.write('? your name\n');
    for await (const line of reader) {
      const name = textOf(line);
      if (NAME.test(name) && !this.#people.has(name)) return name;
      const problem = NAME.test(name) ? 'is taken' : 'is no name of 1 to 20 letters';
      writer.write(`! ${JSON.stringify(name)} ${problem}\n`);
      await writer.drain();
    }
    return null;
  }

  async #listen(name: string, reader: StreamReader, writer: StreamWriter): Promise<void> {
    writer.write(`* here: ${this.names.join(' ') || 'nobody'}\n`);
    this.#people.set(name, writer);
    this.#tell(name, `* ${name} came\n`);
    try {
      for await (const line of reader) {
        const text = textOf(line);
        if (text === '/quit') break;
        if (text === '/who') writer.write(`* here: ${this.names.join(' ')}\n`);
        else if (text !== '') this.#tell(name, `${name}: ${text}\n`);
        await writer.drain();
      }
    } finally {
      this.#forget(name, writer);
      this.#tell(name, `* ${name} left\n`);
    }
  }

  /** Nobody waits for the others here: a drain() for each would make all as slow as the slowest. */
  #tell(sender: string, line: string): void {
    for (const [name, writer] of this.#people) {
      if (name === sender) continue;
      writer.write(line);
      if (writer.transport.getWriteBufferSize() <= MOST_UNREAD) continue;
      this.#forget(name, writer);
      writer.transport.abort();
    }
  }

  /** Others may have the name by now. */
  #forget(name: string, writer: StreamWriter): void {
    if (this.#people.get(name) === writer) this.#people.delete(name);
  }
}

function textOf(line: Buffer): string {
  return line.toString().trim();
}

/** Starts the chat on the current loop; resolves when it listens. */
export async function serve(host: string, port: number, room = new Room()): Promise<Server> {
  const welcome = (reader: StreamReader, writer: StreamWriter) => room.welcome(reader, writer);
  return await startServer(welcome, host, port, { limit: LONGEST_LINE });
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '7070' } } });
  const server = await serve('127.0.0.1', Number(values.port));
  const { address, port } = server.sockets[0]?.getsockname() ?? {};
  console.log(`listening ${address}:${port}`);
  await server.serveForever();
}

if (isMain(import.meta.url)) await run(main);
