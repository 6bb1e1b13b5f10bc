/*
 * The commands of the connection itself: greeting, name, liveness, end. Invariant: the server speaks
 * RESP2 only, has one database and no passwords, and says so in Redis' words.
 */

import {
  type Client,
  type Command,
  containerCommand,
  NOT_AN_INTEGER,
  REDIS_VERSION,
  SYNTAX_ERROR,
  serverCommand,
  wrongArity,
} from './commands.js';
import { parseInteger } from './integers.js';
import type { Request } from './resp.js';

const BAD_NAME = 'ERR Client names cannot contain spaces, newlines or special characters.';
const BAD_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.';
const NO_PASSWORD =
  'ERR AUTH <password> called without any password configured for the default user. ' +
  'Are you sure your configuration is correct?';

export const connectionCommands: readonly Command[] = [
  serverCommand('ping', -1, ({ reply }, request) => {
    if (request.length > 2) {
      reply.error(wrongArity('ping'));
    } else if (request.length === 2) {
      reply.bulk(request.value(1));
    } else {
      reply.status('PONG');
    }
  }),
  serverCommand('echo', 2, ({ reply }, request) => reply.bulk(request.value(1))),
  serverCommand('select', 2, ({ reply }, request) => {
    const database = parseInteger(request.text(1));
    if (database === undefined) {
      reply.error(NOT_AN_INTEGER);
    } else if (Number(database) !== 0) {
      reply.error('ERR DB index is out of range');
    } else {
      reply.status('OK');
    }
  }),
  serverCommand('quit', -1, (client) => {
    client.reply.status('OK');
    client.closing = true;
  }),
  serverCommand('reset', 1, (client) => {
    client.name = '';
    client.reply.status('RESET');
  }),
  serverCommand('auth', -2, ({ reply }, request) => {
    if (request.length > 3) {
      reply.error(SYNTAX_ERROR);
    } else if (request.length === 3 && request.text(1) === 'default') {
      reply.status('OK');
    } else {
      reply.error(request.length === 2 ? NO_PASSWORD : BAD_PASSWORD);
    }
  }),
  serverCommand('hello', -1, hello),
  // A web page can make a browser send these to the port: what follows must not be obeyed.
  serverCommand('post', -1, refuse),
  serverCommand('host:', -1, refuse),
  containerCommand('client', [
    serverCommand('setname', 3, (client, request) => {
      if (setName(client, request.text(2))) {
        client.reply.status('OK');
      }
    }),
    serverCommand('getname', 2, ({ name, reply }) => reply.bulk(name === '' ? undefined : name)),
    serverCommand('id', 2, ({ id, reply }) => reply.integer(id)),
    serverCommand('info', 2, ({ id, name, reply }) => {
      reply.bulk(`id=${id} name=${name} db=0 resp=2\n`);
    }),
    serverCommand('setinfo', 4, ({ reply }, request) => {
      const attribute = request.text(2).toLowerCase();
      if (attribute === 'lib-name' || attribute === 'lib-ver') {
        reply.status('OK');
      } else {
        reply.error(`ERR Unrecognized option '${request.text(2)}'`);
      }
    }),
  ]),
];

function refuse(client: Client): void {
  client.closing = true;
}

function setName(client: Client, name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (code < 0x21 || code > 0x7e) {
      client.reply.error(BAD_NAME);
      return false;
    }
  }
  client.name = name;
  return true;
}

function hello(client: Client, request: Request): void {
  const { reply } = client;
  if (request.length > 1) {
    const version = parseInteger(request.text(1));
    if (version === undefined) {
      reply.error('ERR Protocol version is not an integer or out of range');
      return;
    }
    if (Number(version) !== 2) {
      reply.error('NOPROTO unsupported protocol version');
      return;
    }
  }
  let name: string | undefined;
  for (let index = 2; index < request.length; ) {
    const option = request.text(index).toLowerCase();
    const left = request.length - index - 1;
    if (option === 'setname' && left >= 1) {
      name = request.text(index + 1);
      index += 2;
    } else if (option === 'auth' && left >= 2) {
      index += 3;
    } else {
      reply.error(`ERR Syntax error in HELLO option '${request.text(index)}'`);
      return;
    }
  }
  if (name !== undefined && !setName(client, name)) {
    return;
  }
  reply.array(14);
  for (const [key, value] of [
    ['server', 'redis'],
    ['version', REDIS_VERSION],
    ['proto', 2],
    ['id', client.id],
    ['mode', 'standalone'],
    ['role', 'master'],
  ] as const) {
    reply.bulk(key);
    if (typeof value === 'number') {
      reply.integer(value);
    } else {
      reply.bulk(value);
    }
  }
  reply.bulk('modules');
  reply.array(0);
}
