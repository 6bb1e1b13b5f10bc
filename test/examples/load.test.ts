/*
 * The load generators and the table of the demonstration: that what they report is what happened.
 */

import assert from 'node:assert/strict';
import { drive, encodeRequest, type Load, ReplyCounter } from '../../examples/kv/driver.js';
import { chooseGenerator, ownDriver, readBenchmark } from '../../examples/kv/load.js';
import { median } from '../../examples/kv/report.js';
import { serve } from '../../examples/kv-server-net.js';
import { openSockets, RawClient } from './support.js';

describe('the reply counter', () => {
  const replies = '+OK\r\n:12\r\n$-1\r\n$0\r\n\r\n$7\r\na\r\n+b\r\n\r\n-ERR no\r\n$3\r\nabc\r\n';

  it('counts whole replies and errors wherever they are split', () => {
    for (let at = 0; at <= replies.length; at++) {
      const counter = new ReplyCounter();
      counter.push(Buffer.from(replies.slice(0, at), 'latin1'));
      counter.push(Buffer.from(replies.slice(at), 'latin1'));
      assert.deepEqual([counter.count, counter.error], [7, 'ERR no'], `split at ${at}`);
    }
  });

  it('does not count a reply before its last byte', () => {
    const counter = new ReplyCounter();
    for (const byte of '$3\r\nabc\r') {
      counter.push(Buffer.from(byte));
    }
    assert.equal(counter.count, 0);
    counter.push(Buffer.from('\n'));
    assert.equal(counter.count, 1);
  });
});

describe('the driver', () => {
  const before = openSockets();
  const load: Omit<Load, 'port'> = {
    host: '127.0.0.1',
    clients: 7,
    pipeline: 16,
    requests: 1000,
    size: 64,
    keys: 100,
  };

  after('leaves nothing open', () => {
    assert.deepEqual(openSockets(), before);
  });

  for (const [name, run] of [
    ['in this process', drive],
    ['in its own', ownDriver.run],
  ] as const) {
    it(`sends exactly the requests asked for, ${name}`, async () => {
      const server = await serve({ host: '127.0.0.1', port: 0 });
      try {
        const result = await run({ ...load, port: server.port });
        assert.equal(result.requests, 1000);
        assert.ok(result.perSecond > 0);
        assert.ok(0 < result.p50 && result.p50 <= result.p99);
        const client = await RawClient.open(server.port);
        assert.match(String(await client.line('INFO stats')), /commands_processed:1001\r\n/);
        await client.close();
      } finally {
        await server.close();
      }
    });

    it(`fails when a reply is an error, ${name}`, async () => {
      const server = await serve({ host: '127.0.0.1', port: 0 });
      try {
        const client = await RawClient.open(server.port);
        for (let key = 0; key < 3; key++) {
          await client.ask('SET', `counter:${String(key).padStart(12, '0')}`, 'x');
        }
        await client.close();
        await assert.rejects(run({ ...load, keys: 3, port: server.port }), /not an integer/);
      } finally {
        await server.close();
      }
    });
  }

  it('fails when there is no server', async () => {
    const server = await serve({ host: '127.0.0.1', port: 0 });
    await server.close();
    await assert.rejects(drive({ ...load, port: server.port }), { code: 'ECONNREFUSED' });
  });

  it('is chosen where redis-benchmark is not installed', async () => {
    const path = process.env.PATH;
    process.env.PATH = '';
    try {
      assert.equal(await chooseGenerator(), ownDriver);
    } finally {
      process.env.PATH = path;
    }
  });
});

describe('the report', () => {
  it('reads the table of redis-benchmark', () => {
    const csv =
      '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms",' +
      '"p99_latency_ms","max_latency_ms"\n' +
      '"SET","1000.00","0.5","0.1","0.200","0.8","1.000","2.0"\n' +
      '"GET","500.00","0.3","0.1","0.400","0.5","3.000","0.7"\n';
    const result = readBenchmark(csv, 1000);
    assert.equal(result.requests, 2000);
    assert.equal(Math.round(result.perSecond), 667);
    assert.ok(Math.abs(result.p50 - 0.3) < 1e-9);
    assert.equal(result.p99, 2);
  });

  it('refuses a table without latencies, as old versions print it', () => {
    assert.throws(() => readBenchmark('"SET","1000.00"\n"GET","1000.00"\n', 1000), /no rps/);
  });

  it('takes the middle', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    assert.equal(median([7]), 7);
  });

  it('encodes requests by their bytes', () => {
    assert.equal(encodeRequest(['GET', 'ü']), '*2\r\n$3\r\nGET\r\n$2\r\nü\r\n');
  });
});
