/*
 * The commands that read and write values: strings, and counters, which are strings too. Words and
 * order of checks are those of Redis 7. Invariant: a command that answers with an error has changed
 * nothing.
 */

import {
  type Client,
  type Command,
  dataCommand,
  LATEST_DEADLINE,
  NOT_AN_INTEGER,
  SYNTAX_ERROR,
  wrongArity,
} from './commands.js';
import { addIntegers, type Integer, negateInteger, parseInteger } from './integers.js';
import type { Request } from './resp.js';
import type { Value } from './store.js';

const FULL = "OOM command not allowed when used memory > 'maxmemory'.";

export const stringCommands: readonly Command[] = [
  dataCommand('get', 2, 'read', (client, request) => {
    client.reply.bulk(client.store.get(request.text(1)));
  }),
  dataCommand('set', -3, 'write', (client, request) => {
    if (request.length > 3) {
      setWithOptions(client, request);
    } else if (hasRoom(client, 1)) {
      client.store.set(request.text(1), storable(request, 2));
      client.reply.status('OK');
    }
  }),
  dataCommand(
    'mget',
    -2,
    'read',
    ({ store, reply }, request) => {
      reply.array(request.length - 1);
      for (let index = 1; index < request.length; index++) {
        reply.bulk(store.get(request.text(index)));
      }
    },
    [1, -1, 1],
  ),
  dataCommand('mset', -3, 'write', setMany, [1, -1, 2]),
  dataCommand('incr', 2, 'write', (client, request) => increment(client, request, 1)),
  dataCommand('decr', 2, 'write', (client, request) => increment(client, request, -1)),
  dataCommand('incrby', 3, 'write', (client, request) => {
    const step = parseInteger(request.text(2));
    if (step === undefined) {
      client.reply.error(NOT_AN_INTEGER);
    } else {
      increment(client, request, step);
    }
  }),
  dataCommand('decrby', 3, 'write', (client, request) => {
    const step = parseInteger(request.text(2));
    const negated = step === undefined ? undefined : negateInteger(step);
    if (negated !== undefined) {
      increment(client, request, negated);
    } else {
      client.reply.error(step === undefined ? NOT_AN_INTEGER : 'ERR decrement would overflow');
    }
  }),
];

/** The argument in the form in which the store may keep it: a slice would pin all of its chunk. */
function storable(request: Request, index: number): Value {
  const value = request.value(index);
  return typeof value === 'string' ? value : Buffer.from(value);
}

function hasRoom({ store, reply }: Client, keys: number): boolean {
  const room = store.hasRoom(keys);
  if (!room) {
    reply.error(FULL);
  }
  return room;
}

/** SET's options, read one by one; the last word on each is Redis'. */
class SetOptions {
  onlyNew = false;
  onlyOld = false;
  answerOld = false;
  keepDeadline = false;
  /** The unit in milliseconds, whether it counts from now, and the argument that holds the amount. */
  expiry: { unit: number; relative: boolean; at: number } | undefined;

  /** Takes the option at `index`; returns the next one's index, or undefined for a syntax error. */
  take(request: Request, index: number): number | undefined {
    switch (request.text(index).toLowerCase()) {
      case 'nx':
        this.onlyNew = true;
        return this.onlyOld ? undefined : index + 1;
      case 'xx':
        this.onlyOld = true;
        return this.onlyNew ? undefined : index + 1;
      case 'get':
        this.answerOld = true;
        return index + 1;
      case 'keepttl':
        this.keepDeadline = true;
        return this.expiry ? undefined : index + 1;
      case 'ex':
        return this.takeExpiry(request, index, 1000, true);
      case 'px':
        return this.takeExpiry(request, index, 1, true);
      case 'exat':
        return this.takeExpiry(request, index, 1000, false);
      case 'pxat':
        return this.takeExpiry(request, index, 1, false);
      default:
        return undefined;
    }
  }

  private takeExpiry(request: Request, index: number, unit: number, relative: boolean) {
    if (this.expiry || this.keepDeadline || index + 1 === request.length) {
      return undefined;
    }
    this.expiry = { unit, relative, at: index + 1 };
    return index + 2;
  }
}

function setWithOptions(client: Client, request: Request): void {
  const { store, reply } = client;
  const options = new SetOptions();
  for (let index = 3; index < request.length; ) {
    const next = options.take(request, index);
    if (next === undefined) {
      reply.error(SYNTAX_ERROR);
      return;
    }
    index = next;
  }
  let deadline: number | undefined;
  if (options.expiry) {
    const { unit, relative, at } = options.expiry;
    const amount = parseInteger(request.text(at));
    if (amount === undefined) {
      reply.error(NOT_AN_INTEGER);
      return;
    }
    deadline = Number(amount) * unit + (relative ? store.now() : 0);
    if (amount <= 0 || deadline >= LATEST_DEADLINE) {
      reply.error("ERR invalid expire time in 'set' command");
      return;
    }
  }
  const key = request.text(1);
  const old = store.get(key);
  const wanted = old === undefined ? !options.onlyOld : !options.onlyNew;
  if (wanted) {
    if (old === undefined && !hasRoom(client, 1)) {
      return;
    }
    if (options.keepDeadline) {
      store.replace(key, storable(request, 2));
    } else {
      store.set(key, storable(request, 2));
    }
    if (deadline !== undefined) {
      store.setDeadline(key, deadline);
    }
  }
  if (options.answerOld) {
    reply.bulk(old);
  } else if (wanted) {
    reply.status('OK');
  } else {
    reply.bulk(undefined);
  }
}

function setMany(client: Client, request: Request): void {
  if (request.length % 2 === 0) {
    client.reply.error(wrongArity('mset'));
  } else if (hasRoom(client, (request.length - 1) / 2)) {
    for (let index = 1; index < request.length; index += 2) {
      client.store.set(request.text(index), storable(request, index + 1));
    }
    client.reply.status('OK');
  }
}

function increment(client: Client, request: Request, step: Integer): void {
  const { store, reply } = client;
  const key = request.text(1);
  const old = store.get(key) ?? '0';
  const counter = typeof old === 'string' ? parseInteger(old) : undefined;
  if (counter === undefined) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  const sum = addIntegers(counter, step);
  if (sum === undefined) {
    reply.error('ERR increment or decrement would overflow');
  } else if (hasRoom(client, 1)) {
    store.replace(key, String(sum));
    reply.integer(sum);
  }
}
