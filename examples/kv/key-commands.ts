/*
 * The commands that deal with keys whatever their values: existence, deletion, expiry, number.
 * Words and order of checks are those of Redis 7. Invariant: a command that answers with an error
 * has changed nothing.
 */

import {
  type Client,
  type Command,
  dataCommand,
  LATEST_DEADLINE,
  NOT_AN_INTEGER,
  SYNTAX_ERROR,
  serverCommand,
} from './commands.js';
import { parseInteger } from './integers.js';
import type { Request } from './resp.js';

export const keyCommands: readonly Command[] = [
  dataCommand('del', -2, 'write', deleteKeys, [1, -1, 1]),
  dataCommand('unlink', -2, 'write', deleteKeys, [1, -1, 1]),
  dataCommand(
    'exists',
    -2,
    'read',
    ({ store, reply }, request) => {
      let count = 0;
      for (let index = 1; index < request.length; index++) {
        count += store.has(request.text(index)) ? 1 : 0;
      }
      reply.integer(count);
    },
    [1, -1, 1],
  ),
  dataCommand('expire', -3, 'write', (client, request) => expire(client, request, 1000)),
  dataCommand('pexpire', -3, 'write', (client, request) => expire(client, request, 1)),
  dataCommand('persist', 2, 'write', ({ store, reply }, request) => {
    const key = request.text(1);
    reply.integer(store.has(key) && store.persist(key) ? 1 : 0);
  }),
  dataCommand('ttl', 2, 'read', (client, request) => {
    const left = timeToLive(client, request.text(1));
    client.reply.integer(left < 0 ? left : Math.round(left / 1000));
  }),
  dataCommand('pttl', 2, 'read', (client, request) => {
    client.reply.integer(timeToLive(client, request.text(1)));
  }),
  serverCommand('dbsize', 1, ({ store, reply }) => reply.integer(store.size)),
  serverCommand('flushall', -1, flush),
  serverCommand('flushdb', -1, flush),
];

function deleteKeys({ store, reply }: Client, request: Request): void {
  let count = 0;
  for (let index = 1; index < request.length; index++) {
    count += store.delete(request.text(index)) ? 1 : 0;
  }
  reply.integer(count);
}

/** When EXPIRE may replace one deadline by another. A key that stays counts as expiring never. */
const CONDITIONS = new Map<string, (old: number, deadline: number) => boolean>([
  ['nx', (old) => old === Infinity],
  ['xx', (old) => old !== Infinity],
  ['gt', (old, deadline) => deadline > old],
  ['lt', (old, deadline) => deadline < old],
]);

function expire({ store, reply }: Client, request: Request, unit: number): void {
  const amount = parseInteger(request.text(2));
  if (amount === undefined) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  const options = new Set<string>();
  for (let index = 3; index < request.length; index++) {
    const option = request.text(index).toLowerCase();
    if (!CONDITIONS.has(option)) {
      reply.error(`ERR Unsupported option ${request.text(index)}`);
      return;
    }
    options.add(option);
  }
  if (options.has('nx') && options.size > 1) {
    reply.error('ERR NX and XX, GT or LT options at the same time are not compatible');
    return;
  }
  if (options.has('gt') && options.has('lt')) {
    reply.error('ERR GT and LT options at the same time are not compatible');
    return;
  }
  const deadline = Number(amount) * unit + store.now();
  if (Math.abs(deadline) >= LATEST_DEADLINE) {
    reply.error(`ERR invalid expire time in '${unit === 1 ? 'pexpire' : 'expire'}' command`);
    return;
  }
  const key = request.text(1);
  let wanted = store.has(key);
  for (const option of options) {
    wanted &&= CONDITIONS.get(option)?.(store.deadline(key) ?? Infinity, deadline) ?? false;
  }
  if (wanted) {
    store.setDeadline(key, deadline);
  }
  reply.integer(wanted ? 1 : 0);
}

/** Milliseconds left, -1 for a key that stays, -2 for one that is not there. */
function timeToLive({ store }: Client, key: string): number {
  if (!store.has(key)) {
    return -2;
  }
  const deadline = store.deadline(key);
  return deadline === undefined ? -1 : deadline - store.now();
}

function flush({ store, reply }: Client, request: Request): void {
  const option = request.length > 1 ? request.text(1).toLowerCase() : 'sync';
  if (request.length > 2 || (option !== 'sync' && option !== 'async')) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  store.clear();
  reply.status('OK');
}
