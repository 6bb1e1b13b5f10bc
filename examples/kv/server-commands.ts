/*
 * The commands with which the server describes itself: INFO, CONFIG and COMMAND, as far as redis-cli,
 * redis-benchmark and the usual client libraries ask. Invariant: nothing here changes anything.
 */

import {
  type Client,
  type Command,
  type CommandTable,
  containerCommand,
  REDIS_VERSION,
  serverCommand,
} from './commands.js';
import { MAXIMUM_BULK_LENGTH, type Request } from './resp.js';

const CONFIGURATION = new Map([
  ['appendonly', 'no'],
  ['databases', '1'],
  ['maxmemory', '0'],
  ['proto-max-bulk-len', String(MAXIMUM_BULK_LENGTH)],
  ['save', ''],
  ['timeout', '0'],
]);

/** The commands, given the table that they will be in, which COMMAND describes. */
export function serverCommands(table: () => CommandTable): readonly Command[] {
  return [
    serverCommand('info', -1, (client, request) => {
      const wanted = new Set<string>();
      for (let index = 1; index < request.length; index++) {
        wanted.add(request.text(index).toLowerCase());
      }
      client.reply.bulk(information(client, wanted));
    }),
    containerCommand('config', [serverCommand('get', -3, getConfiguration)]),
    commandCommand(table),
  ];
}

/** INFO's text: sections, each a heading and `name:value` lines. */
function information({ service, store }: Client, wanted: ReadonlySet<string>): string {
  const { user, system } = process.cpuUsage();
  const keyspace = `keys=${store.size},expires=${store.expiring},avg_ttl=0`;
  const sections: Record<string, Record<string, string | number>> = {
    Server: {
      redis_version: REDIS_VERSION,
      redis_mode: 'standalone',
      node_version: process.versions.node,
      process_id: process.pid,
      tcp_port: service.port,
      uptime_in_seconds: Math.floor((store.now() - service.startedAt) / 1000),
    },
    Clients: { connected_clients: service.connections },
    Memory: { used_memory: process.memoryUsage.rss() },
    Persistence: { loading: 0 },
    Stats: {
      total_connections_received: service.connectionsReceived,
      total_commands_processed: service.commandsProcessed,
    },
    Replication: { role: 'master', connected_slaves: 0 },
    CPU: { used_cpu_sys: (system / 1e6).toFixed(6), used_cpu_user: (user / 1e6).toFixed(6) },
    Keyspace: store.size > 0 ? { db0: keyspace } : {},
  };
  const everything =
    wanted.size === 0 || wanted.has('all') || wanted.has('everything') || wanted.has('default');
  let text = '';
  for (const [title, values] of Object.entries(sections)) {
    if (everything || wanted.has(title.toLowerCase())) {
      text += `${text === '' ? '' : '\r\n'}# ${title}\r\n`;
      for (const [name, value] of Object.entries(values)) {
        text += `${name}:${value}\r\n`;
      }
    }
  }
  return text;
}

function getConfiguration({ reply }: Client, request: Request): void {
  const found = new Set<string>();
  for (let index = 2; index < request.length; index++) {
    const pattern = globPattern(request.text(index).toLowerCase());
    for (const name of CONFIGURATION.keys()) {
      if (pattern.test(name)) {
        found.add(name);
      }
    }
  }
  reply.bulks([...found].flatMap((name) => [name, CONFIGURATION.get(name) as string]));
}

/** The part of Redis' globs that names of settings need: `*` and `?`. */
function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('\\*', '.*').replaceAll('\\?', '.')}$`);
}

/** COMMAND: the table describes itself, in the six fields that every version of Redis has. */
function commandCommand(table: () => CommandTable): Command {
  const describe = ({ reply }: Client, command: Command | undefined) => {
    if (command === undefined) {
      reply.bulk(undefined);
      return;
    }
    reply.array(6);
    reply.bulk(command.name);
    reply.integer(command.arity);
    const flags = command.keys[0] === 0 ? [] : [command.write ? 'write' : 'readonly'];
    reply.array(flags.length);
    for (const flag of flags) {
      reply.status(flag);
    }
    for (const key of command.keys) {
      reply.integer(key);
    }
  };
  const describeAll = (client: Client) => {
    client.reply.array(table().size);
    for (const command of table().values()) {
      describe(client, command);
    }
  };
  const container = containerCommand('command', [
    serverCommand('count', 2, ({ reply }) => reply.integer(table().size)),
    serverCommand('docs', -2, ({ reply }) => reply.array(0)),
    serverCommand('list', 2, ({ reply }) => reply.bulks([...table().values()].map((c) => c.name))),
    serverCommand('info', -2, (client, request) => {
      if (request.length === 2) {
        describeAll(client);
        return;
      }
      client.reply.array(request.length - 2);
      for (let index = 2; index < request.length; index++) {
        describe(client, table().get(request.text(index)));
      }
    }),
  ]);
  return serverCommand('command', -1, (client, request) => {
    if (request.length === 1) {
      describeAll(client);
    } else {
      container.execute(client, request);
    }
  });
}
