/*
 * What both servers share: the service (the data and its figures) and a session for each of its
 * connections, bytes in, bytes out, with no transport in it. Invariants: the replies of one chunk
 * come back from the one call that brought it, in order; nothing is read after `closing` is set.
 */

import { type Client, CommandTable, type Service } from './commands.js';
import { connectionCommands } from './connection-commands.js';
import { keyCommands } from './key-commands.js';
import { ReplyWriter } from './reply.js';
import { ProtocolError, RequestParser } from './resp.js';
import { serverCommands } from './server-commands.js';
import { Store } from './store.js';
import { stringCommands } from './string-commands.js';

/** How often, in milliseconds, a server should call `sweep`. */
export const SWEEP_INTERVAL = 100;
/** Deadlines looked at in one step; a step that finds a quarter of them past goes on. */
const SWEEP_STEP = 200;
const SWEEP_STEPS = 20;

const table: CommandTable = new CommandTable([
  ...stringCommands,
  ...keyCommands,
  ...connectionCommands,
  ...serverCommands(() => table),
]);

/** One server's state, whatever carries its bytes. */
export class KvService implements Service {
  port = 0;
  connections = 0;
  connectionsReceived = 0;
  commandsProcessed = 0;
  readonly startedAt: number;

  constructor(readonly store: Store = new Store()) {
    this.startedAt = store.now();
  }

  /** A session for a new connection. */
  connect(): Session {
    this.connections++;
    this.connectionsReceived++;
    return new Session(this, this.connectionsReceived);
  }

  /** To be called when the connection is gone. */
  disconnect(): void {
    this.connections--;
  }

  /** Deletes keys that expired and that nobody asked for: a bounded piece of work. */
  sweep(): void {
    for (let step = 0; step < SWEEP_STEPS; step++) {
      if (this.store.sweep(SWEEP_STEP) * 4 < SWEEP_STEP) {
        break;
      }
    }
  }
}

/** One connection's state. */
export class Session implements Client {
  readonly store: Store;
  readonly reply = new ReplyWriter();
  name = '';
  /** The connection is to be closed as soon as the replies are written. */
  closing = false;
  private readonly parser = new RequestParser();

  constructor(
    readonly service: KvService,
    readonly id: number,
  ) {
    this.store = service.store;
  }

  /** Executes the requests that these bytes complete; returns the replies' bytes. */
  receive(chunk: Buffer): readonly Buffer[] {
    if (this.closing) {
      return [];
    }
    try {
      this.parser.push(chunk);
      while (!this.closing && this.parser.next()) {
        this.service.commandsProcessed++;
        table.execute(this, this.parser);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw error;
      }
      this.reply.error(`ERR Protocol error: ${error.message}`);
      this.closing = true;
    }
    return this.reply.flush();
  }
}
