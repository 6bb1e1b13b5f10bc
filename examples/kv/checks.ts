/*
 * The correctness pass of the demonstration: what a user of the npm client `ioredis` would do first.
 * Invariant: each check asserts what it says in its title, and cleans nothing up: the pass begins
 * and ends with FLUSHALL.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Redis } from 'ioredis';

type Check = (client: Redis) => Promise<void>;

const checks: Record<string, Check> = {
  'PING, ECHO, INFO': async (client) => {
    assert.equal(await client.ping(), 'PONG');
    assert.equal(await client.echo('grüezi'), 'grüezi');
    assert.match(await client.info(), /redis_version:/);
  },
  'every byte value in keys and values, a value of 4 MiB': async (client) => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    await client.set(bytes, bytes);
    assert.deepEqual(await client.getBuffer(bytes), bytes);
    const long = Buffer.alloc(4 * 1024 * 1024, bytes);
    await client.set('long', long);
    assert.ok(long.equals((await client.getBuffer('long')) as Buffer));
  },
  'SET with NX, XX, EX, PX; TTL, PTTL, EXPIRE': async (client) => {
    assert.equal(await client.set('lock', 'a', 'NX'), 'OK');
    assert.equal(await client.set('lock', 'b', 'NX'), null);
    assert.equal(await client.set('other', 'b', 'XX'), null);
    await client.set('lock', 'c', 'EX', 100);
    assert.equal(await client.ttl('lock'), 100);
    assert.equal(await client.expire('lock', 5), 1);
    assert.ok((await client.pttl('lock')) <= 5000);
    await client.set('brief', 'x', 'PX', 1);
    while ((await client.get('brief')) !== null) {
      // It is gone a millisecond from now.
    }
  },
  'MSET, MGET, EXISTS, DEL, DBSIZE': async (client) => {
    await client.flushall();
    await client.mset('a', '1', 'b', '2', 'c', '3');
    assert.deepEqual(await client.mget('a', 'none', 'c'), ['1', null, '3']);
    assert.equal(await client.exists('a', 'b', 'none'), 2);
    assert.equal(await client.del('a', 'none'), 1);
    assert.equal(await client.dbsize(), 2);
  },
  '10,000 INCR in one pipeline, answered in order': async (client) => {
    const pipeline = client.pipeline();
    for (let index = 0; index < 10_000; index++) {
      pipeline.incr('counter');
    }
    const replies = (await pipeline.exec()) ?? [];
    assert.deepEqual(
      replies,
      replies.map((_, index) => [null, index + 1]),
    );
    assert.equal(replies.length, 10_000);
  },
  'errors in the words of Redis': async (client) => {
    await client.set('text', 'x');
    await assert.rejects(client.incr('text'), /ERR value is not an integer or out of range/);
    await assert.rejects(client.call('GET'), /ERR wrong number of arguments for 'get' command/);
    await assert.rejects(client.call('NOSUCH', 'a'), /ERR unknown command 'NOSUCH'/);
  },
};

/** A client that fails rather than tries again. */
export async function openClient(port: number): Promise<Redis> {
  const client = new Redis({ host: '127.0.0.1', port, retryStrategy: null, lazyConnect: true });
  // Without a listener, ioredis prints what the failing command reports as well.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Ends a client and waits for its connection to be gone. */
export async function closeClient(client: Redis): Promise<void> {
  if (client.status !== 'end') {
    const ended = once(client, 'end');
    client.disconnect();
    await ended;
  }
}

/** Runs every check; returns the titles of what was checked, throws for the first that fails. */
export async function checkServer(client: Redis): Promise<string[]> {
  await client.flushall();
  for (const [title, check] of Object.entries(checks)) {
    try {
      await check(client);
    } catch (error) {
      throw new Error(`check failed: ${title}`, { cause: error });
    }
  }
  await client.flushall();
  return Object.keys(checks);
}
