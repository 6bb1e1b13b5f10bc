/*
 * A TCP proxy: each connection to `--listen` gets one to `--to`, and bytes go both ways. Try it:
 *
 *   node dist/examples/proxy.js --listen 127.0.0.1:8080 --to example.org:80
 *
 * Invariants: a side that takes no more stops the reading of the other, so that a connection holds the high-water mark
 * and one read at most, each way; each way ends by itself; a side that is lost takes the other with it.
 */

import { parseArgs } from 'node:util';
import {
  BufferedProtocol,
  Future,
  getRunningLoop,
  type Server,
  type Transport,
  type TransportSocket,
} from 'uvio';
import { announce, isMain } from './kv/command-line.js';
import { runProgram } from './program.js';

export interface Address {
  host: string;
  port: number;
}

const BACKLOG = 1024;
/** What connections may take to send the rest when the proxy ends. */
const GRACE = 1000; // ms

// All connections read into it: what bufferUpdated() writes has left, or was copied, before the next read.
const memory = Buffer.allocUnsafeSlow(256 * 1024);

/** One end of a proxied connection: what it receives is written to the other end. */
class Side extends BufferedProtocol {
  transport!: Transport;
  ended = false;

  /** @param other null until it is connected */
  constructor(public other: Side | null) {
    super();
  }

  override connectionMade(transport: Transport): void {
    this.transport = transport;
  }

  override getBuffer(): Uint8Array {
    return memory;
  }

  override bufferUpdated(size: number): void {
    this.other?.transport.write(memory.subarray(0, size));
  }

  override pauseWriting(): void {
    this.other?.transport.pauseReading();
  }

  override resumeWriting(): void {
    this.other?.transport.resumeReading();
  }

  override eofReceived(): boolean {
    this.ended = true;
    this.other?.transport.writeEof();
    if (!this.other?.ended) return true;
    this.other.transport.close();
    return false;
  }

  override connectionLost(error: Error | null): void {
    // What has come whole is sent on, even if this side takes nothing any more.
    if (error === null || this.ended) this.other?.transport.close();
    else this.other?.transport.abort();
  }
}

/** The end that somebody has connected to. */
class ClientSide extends Side {
  #connecting: Future<unknown> | null = null;

  constructor(readonly target: Address) {
    super(null);
  }

  override connectionMade(transport: Transport): void {
    super.connectionMade(transport);
    // Until there is somewhere to write to.
    transport.pauseReading();
    const { host, port } = this.target;
    const connecting = getRunningLoop().createConnection(() => new TargetSide(this), host, port);
    connecting.addDoneCallback(() => this.#tried(connecting));
    this.#connecting = connecting;
  }

  override connectionLost(error: Error | null): void {
    if (this.other === null) this.#connecting?.cancel();
    super.connectionLost(error);
  }

  #tried(connecting: Future<unknown>): void {
    if (connecting.cancelled() || connecting.exception() === null) return;
    console.error(String(connecting.exception()));
    this.transport.abort();
  }
}

/** The end that the proxy has connected for `client`. */
class TargetSide extends Side {
  constructor(readonly client: ClientSide) {
    super(client);
  }

  override connectionMade(transport: Transport): void {
    super.connectionMade(transport);
    this.client.other = this;
    this.client.transport.resumeReading();
  }
}

/** Starts the proxy on the current loop; resolves when it listens. */
export async function serve(listen: Address, target: Address): Promise<Server> {
  const { host, port } = listen;
  const loop = getRunningLoop();
  return await loop.createServer(() => new ClientSide(target), host, port, { backlog: BACKLOG });
}

/** Reads `host:port`, `[IPv6 address]:port`, or a port on 127.0.0.1. */
export function readAddress(option: string, text: string | undefined): Address {
  const match = /^(?:(?:\[(.+)\]|([^[\]:]+)):)?(\d+)$/.exec(text ?? '');
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new Error(`${option} wants host:port, not ${text ?? 'nothing'}`);
  }
  return { host: match[1] ?? match[2] ?? '127.0.0.1', port };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { listen: { type: 'string' }, to: { type: 'string' } } });
  const listen = readAddress('--listen', values.listen);
  const server = await serve(listen, readAddress('--to', values.to));
  const [socket] = server.sockets as [TransportSocket];
  const { address, port } = socket.getsockname();
  const close = async () => {
    server.close({ graceMs: GRACE });
    server.closeClients();
    await server.waitClosed();
  };
  announce({ host: address, port, close });
  try {
    await new Future();
  } finally {
    await close();
  }
}

if (isMain(import.meta.url)) await runProgram(main);
