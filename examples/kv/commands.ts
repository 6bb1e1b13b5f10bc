/*
 * How a request finds its command: the table, the check of the number of arguments, and Redis' words
 * for what is not in it. Invariant: a command runs only with a number of arguments that its arity
 * allows, and answers every request with exactly one reply.
 */

import type { ReplyWriter } from './reply.js';
import { packName, type Request } from './resp.js';
import type { Store } from './store.js';

/** What a command sees of the server. */
export interface Service {
  readonly store: Store;
  readonly port: number;
  readonly startedAt: number;
  readonly connections: number;
  readonly connectionsReceived: number;
  readonly commandsProcessed: number;
}

/** What a command sees of the connection that it came from. */
export interface Client {
  readonly id: number;
  readonly service: Service;
  readonly store: Store;
  readonly reply: ReplyWriter;
  name: string;
  /** Set by a command to have the connection closed once the reply is out. */
  closing: boolean;
}

export interface Command {
  readonly name: string;
  /** As Redis counts: the number of arguments, the name included; negative for "at least". */
  readonly arity: number;
  /** The first key's index, the last one's (negative: from the end), and the step between keys. */
  readonly keys: readonly [number, number, number];
  readonly write: boolean;
  execute(client: Client, request: Request): void;
}

/** The version of Redis whose behaviour this is, as far as it goes. */
export const REDIS_VERSION = '7.0.15';

/** Deadlines are signed 64-bit milliseconds in Redis. */
export const LATEST_DEADLINE = 2 ** 63 - 1;

export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range';
export const SYNTAX_ERROR = 'ERR syntax error';

/** A command that reads or writes keys, by default one key, its first argument. */
export function dataCommand(
  name: string,
  arity: number,
  kind: 'read' | 'write',
  execute: Command['execute'],
  keys: Command['keys'] = [1, 1, 1],
): Command {
  return { name, arity, keys, write: kind === 'write', execute };
}

/** A command that has to do with the connection or the server. */
export function serverCommand(name: string, arity: number, execute: Command['execute']): Command {
  return { name, arity, keys: [0, 0, 0], write: false, execute };
}

/** A command whose first argument names the command that is meant, such as CLIENT. */
export function containerCommand(name: string, subcommands: readonly Command[]): Command {
  const table = new Map(subcommands.map((command) => [command.name, command]));
  return serverCommand(name, -2, (client, request) => {
    const subcommand = table.get(request.text(1).toLowerCase());
    if (subcommand === undefined) {
      const asked = request.text(1).slice(0, 128);
      client.reply.error(`ERR unknown subcommand '${asked}'. Try ${name.toUpperCase()} HELP.`);
    } else if (allows(subcommand, request.length)) {
      subcommand.execute(client, request);
    } else {
      client.reply.error(wrongArity(`${name}|${subcommand.name}`));
    }
  });
}

export class CommandTable {
  private readonly byName = new Map<string, Command>();
  /** Most names are short: packed into an integer, they are found without making a string. */
  private readonly byPackedName = new Map<number, Command>();

  constructor(commands: Iterable<Command>) {
    for (const command of commands) {
      this.byName.set(command.name, command);
      const packed = packName(Buffer.from(command.name, 'latin1'), 0, command.name.length);
      if (packed !== -1) {
        this.byPackedName.set(packed, command);
      }
    }
  }

  values(): Iterable<Command> {
    return this.byName.values();
  }

  get(name: string): Command | undefined {
    return this.byName.get(name.toLowerCase());
  }

  get size(): number {
    return this.byName.size;
  }

  /** Runs one request, which answers it. */
  execute(client: Client, request: Request): void {
    const command = this.byPackedName.get(request.packedName()) ?? this.get(request.text(0));
    if (command === undefined) {
      client.reply.error(unknownCommand(request));
    } else if (allows(command, request.length)) {
      command.execute(client, request);
    } else {
      client.reply.error(wrongArity(command.name));
    }
  }
}

/** The text for a wrong number of arguments. */
export function wrongArity(name: string): string {
  return `ERR wrong number of arguments for '${name}' command`;
}

function allows(command: Command, count: number): boolean {
  return command.arity < 0 ? count >= -command.arity : count === command.arity;
}

/** Redis shows the first 128 bytes of the arguments, to help find out who sent this. */
function unknownCommand(request: Request): string {
  let shown = '';
  for (let index = 1; index < request.length && shown.length < 128; index++) {
    shown += `'${request.text(index).slice(0, 128 - shown.length)}' `;
  }
  const name = request.text(0).slice(0, 128);
  return `ERR unknown command '${name}', with args beginning with: ${shown}`;
}
