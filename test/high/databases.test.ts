/**
 * Clients of databases over uvio: pg with a PostgreSQL server, ioredis with the key-value server of the examples.
 *
 * Guards: what they ask of a socket is there, large values and many queries at once arrive whole, ending them
 * leaves nothing.
 */

import { deepEqual, equal, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { AbstractConnector, Redis } from 'ioredis';
import pg from 'pg';
import { openConnection, openUnixConnection, toDuplex } from 'uvio';
import { servers } from '../examples/support.js';
import { randomData, sha256 } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';
import { findPostgres, Postgres } from './postgres.js';
import { inTask } from './stream_support.js';

describe('pg over uvio', () => {
  let postgres: Postgres | null = null;

  before('with a PostgreSQL server', async function () {
    this.timeout(120_000);
    const programs = findPostgres();
    if (programs === null) this.skip();
    postgres = await Postgres.start(programs);
  });

  after(() => postgres?.stop());

  describe('as a client', () => {
    leavesNothingOpen();

    const options = (): pg.ClientConfig => ({
      user: 'uvio',
      database: 'postgres',
      keepAlive: true,
      stream: () => toDuplex(openUnixConnection((postgres as Postgres).socket)),
    });

    /** Runs `body` with a client that is connected, and ended afterwards. */
    function withClient(body: (client: pg.Client) => Promise<void>): Promise<void> {
      return inTask(async () => {
        const client = new pg.Client(options());
        await client.connect();
        try {
          await body(client);
        } finally {
          await client.end();
        }
      });
    }

    it('asks and is answered, with parameters and with errors', () =>
      withClient(async (client) => {
        const sum = await client.query('SELECT $1::int + $2::int AS sum', [20, 22]);
        deepEqual(sum.rows, [{ sum: 42 }]);
        await rejects(client.query('SELECT 1 / 0'), { code: '22012' });
        const many = await client.query('SELECT generate_series(1, 50000) AS n');
        equal(many.rows.length, 50_000);
        equal(many.rows.at(-1).n, 50_000);
      }));

    it('carries megabytes there and back', () =>
      withClient(async (client) => {
        const data = randomData(4 * 1024 * 1024);
        await client.query('CREATE TEMPORARY TABLE files (content bytea)');
        await client.query('INSERT INTO files VALUES ($1)', [data]);
        const { rows } = await client.query('SELECT content FROM files');
        equal(sha256(rows[0].content), sha256(data));
      }));

    it('hears of what others announce', () =>
      withClient(async (client) => {
        await client.query('LISTEN news');
        const heard = once(client, 'notification');
        await withClient(async (other) => {
          await other.query("NOTIFY news, 'from the other'");
        });
        const [{ channel, payload }] = await heard;
        deepEqual([channel, payload], ['news', 'from the other']);
      }));

    it('serves a pool of clients at once', () =>
      inTask(async () => {
        const pool = new pg.Pool({ ...options(), max: 8 });
        const answers = await Promise.all(
          Array.from({ length: 200 }, (_, index) => pool.query('SELECT $1::int AS n', [index])),
        );
        deepEqual(
          answers.map(({ rows }) => rows[0].n),
          [...answers.keys()],
        );
        await pool.end();
      }));

    it('is told when there is no server', () =>
      inTask(async () => {
        const client = new pg.Client({
          ...options(),
          stream: () => toDuplex(openUnixConnection('/nowhere/at/all')),
        });
        await rejects(client.connect(), { code: 'ENOENT' });
      }));
  });
});

describe('ioredis over uvio', () => {
  leavesNothingOpen();

  it('asks and is answered, one by one and many at once', async () => {
    const server = await (servers['kv-server'] as (typeof servers)[string])({
      host: '127.0.0.1',
      port: 0,
    });
    class UvioConnector extends AbstractConnector {
      constructor() {
        super(0);
      }
      override async connect() {
        this.connecting = true;
        // Its types know net.Sockets only.
        this.stream = toDuplex(openConnection('127.0.0.1', server.port)) as never;
        return this.stream;
      }
    }
    await inTask(async () => {
      const redis = new Redis({ Connector: UvioConnector });
      equal(await redis.set('greeting', 'hello'), 'OK');
      equal(await redis.get('greeting'), 'hello');
      const large = randomData(2_000_000);
      await redis.set('large', large);
      equal(sha256((await redis.getBuffer('large')) as Buffer), sha256(large));
      const all = Array.from({ length: 1000 }, (_, index) => redis.incr(`n${index % 10}`));
      equal((await Promise.all(all)).at(-1), 100);
      const ended = once(redis, 'end');
      await redis.quit();
      await ended;
    });
    await server.close();
  });
});
