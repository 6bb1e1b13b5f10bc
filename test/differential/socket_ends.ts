/**
 * Sockets, and transports over them, for the themes sockets and files; the counterpart of scenarios/socket_ends.py.
 */

import {
  CancelledError,
  type EventLoop,
  Protocol,
  SOCK_STREAM,
  Socket,
  type Transport,
} from '../../src/index.js';
import { kind, type Stage } from './stage.js';

export function bound(type = SOCK_STREAM): Socket {
  const socket = new Socket(4, type);
  socket.bind(['127.0.0.1', 0]);
  return socket;
}

export async function pair(loop: EventLoop): Promise<[near: Socket, far: Socket]> {
  using listener = bound();
  listener.listen();
  const near = new Socket();
  await loop.sockConnect(near, listener.getsockname());
  const [far] = await loop.sockAccept(listener);
  return [near, far];
}

/** Logs what awaiting gives or throws; a system error with the positive number that Python gives it. */
export async function failure(stage: Stage, what: string, call: () => PromiseLike<unknown>) {
  try {
    stage.log(what, await call());
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno !== undefined) stage.log(what, 'OSError', -errno);
    else if (error instanceof CancelledError) stage.log(what, 'cancelled');
    else stage.log(what, (error as Error).message);
  }
}

export class Recorder extends Protocol {
  transport!: Transport;
  #size = 0;
  #wanted = 0;
  #has: () => void = () => {};
  #gone: () => void = () => {};
  readonly lost = new Promise<void>((resolve) => {
    this.#gone = resolve;
  });

  constructor(
    readonly name: string,
    readonly stage: Stage,
  ) {
    super();
  }

  override connectionMade(transport: Transport): void {
    this.stage.log(this.name, 'made');
    this.transport = transport;
  }

  override dataReceived(data: Buffer): void {
    this.#size += data.length;
    if (this.#wanted === 0 || this.#size < this.#wanted) return;
    this.stage.log(this.name, 'has', this.#size);
    this.#wanted = 0;
    this.#has();
  }

  override eofReceived(): void {
    this.stage.log(this.name, 'eof');
  }

  override pauseWriting(): void {
    this.stage.log(this.name, 'pause');
  }

  override resumeWriting(): void {
    this.stage.log(this.name, 'resume');
  }

  override connectionLost(exception: Error | null): void {
    this.stage.log(this.name, 'lost', exception === null ? exception : kind(exception));
    this.#gone();
  }

  has(size: number): Promise<void> {
    this.#wanted = size;
    return new Promise((resolve) => {
      this.#has = resolve;
    });
  }
}

export async function transports(stage: Stage, given?: [Socket, Socket]) {
  const { loop } = stage;
  const [near, far] = given ?? (await pair(loop));
  const make = (name: string) => () => new Recorder(name, stage);
  const options = { sock: near };
  const [, client] = await loop.createConnection(make('client'), null, null, options);
  const [, server] = await loop.connectAcceptedSocket(make('server'), far);
  return { client, server };
}

export async function end({
  client,
  server,
}: {
  client: Recorder;
  server: Recorder;
}): Promise<void> {
  client.transport.close();
  await client.lost;
  await server.lost;
}
