/*
 * How the key-value servers behave on the wire. The same suite runs over the uvio server and over its
 * node:net twin: whatever holds for one holds for the other. Expected replies are those of Redis 7.
 * The servers' clock is a variable.
 */

import assert from 'node:assert/strict';
import type { RunningServer } from '../../examples/kv/command-line.js';
import { Store } from '../../examples/kv/store.js';
import { conversations } from './conversations.js';
import { openSockets, RawClient, type Reply, servers } from './support.js';

for (const [name, start] of Object.entries(servers)) {
  describe(name, () => {
    let time = 0;
    let server: RunningServer;
    let client: RawClient;
    const clients: RawClient[] = [];
    const before = openSockets();

    async function open(): Promise<RawClient> {
      const opened = await RawClient.open(server.port);
      clients.push(opened);
      return opened;
    }

    beforeEach(async () => {
      time = 1_700_000_000_000;
      server = await start({ host: '127.0.0.1', port: 0, store: new Store(() => time) });
      client = await open();
    });

    afterEach(async () => {
      await server.close();
      await Promise.all(clients.splice(0).map((opened) => opened.close()));
    });

    after('leaves nothing open', () => {
      assert.deepEqual(openSockets(), before);
    });

    for (const [title, conversation] of Object.entries(conversations)) {
      it(title, async () => {
        for (const [line, expected] of conversation) {
          assert.deepEqual(await client.line(line), expected, line);
        }
      });
    }

    it('keeps keys and values of any bytes and any length', async () => {
      const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, index) => index));
      for (const length of [0, 1, 255, 4095, 4096, 4097, 70_000]) {
        const value = bytes.repeat(Math.ceil(length / 256)).slice(0, length);
        client.send(`*3\r\n$3\r\nSET\r\n$256\r\n${bytes}\r\n$${length}\r\n${value}\r\n`);
        client.send(`*2\r\n$3\r\nGET\r\n$256\r\n${bytes}\r\n`);
        assert.equal(await client.reply(), 'OK');
        assert.equal(await client.reply(), value);
      }
    });

    it('takes a value of 10 MiB and gives it back', async () => {
      const value = 'x'.repeat(10 * 1024 * 1024);
      assert.equal(await client.ask('SET', 'big', value), 'OK');
      assert.equal(await client.ask('GET', 'big'), value);
      assert.equal(await client.ask('ECHO', value), value);
      assert.equal(
        await client.ask('INCR', 'big').then(String),
        'Error: ERR value is not an integer or out of range',
      );
    });

    it('answers a long pipeline in order', async () => {
      const count = 20_000;
      client.send('INCR n\r\n'.repeat(count));
      for (let index = 1; index <= count; index++) {
        assert.equal(await client.reply(), index);
      }
    });

    it('mixes long values and short replies in order', async () => {
      const long = 'L'.repeat(5000);
      await client.ask('MSET', 'long', long, 'short', 's');
      client.send('GET long\r\nPING\r\nMGET short long long none\r\nGET short\r\n');
      assert.equal(await client.reply(), long);
      assert.equal(await client.reply(), 'PONG');
      assert.deepEqual(await client.reply(), ['s', long, long, null]);
      assert.equal(await client.reply(), 's');
    });

    it('answers a request that arrives byte by byte', async () => {
      const request = '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\nv\r\nw\r\n';
      for (const byte of request) {
        client.send(byte);
        // A reply to another connection shows that the server has been round its loop.
        await (clients[1] ?? (await open())).ask('PING');
      }
      assert.equal(await client.reply(), 'OK');
      assert.equal(await client.line('GET k'), 'v\r\nw');
    });

    it('forgets keys at their time, asked for or not', async () => {
      await client.line('SET a v PX 1500');
      await client.line('SET b v EX 2');
      await client.line('SET c v EXAT 1700000003');
      await client.line('INCR a');
      time += 1499;
      assert.equal(await client.line('PTTL a'), 1);
      time += 1;
      assert.deepEqual(await client.line('MGET a b c'), [null, 'v', 'v']);
      time += 500;
      assert.equal(await client.line('EXISTS b c'), 1);
      time += 1000;
      assert.equal(await client.line('SET c w XX'), null);
      assert.equal(await client.line('DBSIZE'), 0);
    });

    it('sweeps keys that nobody asks for', async () => {
      await client.line('SET a v PX 10');
      time += 10;
      // DBSIZE does not look at deadlines, as in Redis: only the sweep's timer can change it.
      while ((await client.line('DBSIZE')) !== 0);
    });

    it('describes itself', async () => {
      await client.line('SET k v EX 5');
      const text = String(await client.line('INFO'));
      for (const line of [
        `tcp_port:${server.port}`,
        `process_id:${process.pid}`,
        'connected_clients:1',
        'total_commands_processed:2',
        'db0:keys=1,expires=1,avg_ttl=0',
      ]) {
        assert.ok(text.includes(`${line}\r\n`), `${line} in ${text}`);
      }
      assert.match(String(await client.line('INFO cpu')), /^# CPU\r\nused_cpu_sys:\d+\.\d+\r\n/);
      assert.equal(await client.line('INFO nothing'), '');
      const all = (await client.line('COMMAND')) as Reply[];
      assert.equal(await client.line('COMMAND COUNT'), all.length);
      assert.equal(((await client.line('COMMAND LIST')) as Reply[]).length, all.length);
    });

    it('answers what came before QUIT, then OK, then nothing more', async () => {
      client.send('PING\r\nQUIT\r\nPING\r\n');
      assert.equal(await client.untilClosed(), '+PONG\r\n+OK\r\n');
    });

    it('answers what came before a protocol error, then the error, then closes', async () => {
      client.send('PING\r\n*1\r\n!4\r\nPING\r\n');
      assert.equal(
        await client.untilClosed(),
        "+PONG\r\n-ERR Protocol error: expected '$', got '!'\r\n",
      );
    });

    it('does not obey what a browser posts', async () => {
      client.send('POST / HTTP/1.1\r\nHost: localhost\r\n\r\nSET k v\r\n');
      assert.equal(await client.untilClosed(), '');
      assert.equal(await (await open()).line('EXISTS k'), 0);
    });

    it('answers a client that has already said all it will', async () => {
      client.socket.end('SET k v\r\nGET k\r\n');
      assert.equal(await client.untilClosed(), '+OK\r\n$1\r\nv\r\n');
    });

    it('survives clients that leave in the middle of a request or of a reply', async () => {
      const observer = await open();
      await observer.ask('SET', 'k', 'x'.repeat(1024 * 1024));
      for (const text of ['*2\r\n$3\r\nGET\r\n$1', 'GET k\r\n'.repeat(50)]) {
        const leaver = await open();
        leaver.send(`PING\r\n${text}`);
        assert.equal(await leaver.reply(), 'PONG');
        leaver.socket.resetAndDestroy();
      }
      while (!String(await observer.line('INFO clients')).includes('connected_clients:2\r\n'));
    });

    it('stops reading from a client that does not read', async () => {
      const observer = await open();
      const value = 'v'.repeat(16 * 1024);
      const count = 4000;
      await observer.ask('SET', 'k', value);
      client.socket.pause();
      // Padded, so that the requests fill many reads of the server's.
      client.send(`GET k${' '.repeat(120)}\r\n`.repeat(count));
      const processed = async () => {
        const info = String(await observer.line('INFO stats'));
        return Number(/total_commands_processed:(\d+)/.exec(info)?.[1]);
      };
      for (let turn = 0; turn < 200; turn++) {
        assert.ok((await processed()) < count / 2);
      }
      client.socket.resume();
      for (let index = 0; index < count; index++) {
        assert.equal(await client.reply(), value);
      }
    });

    it('ends its connections when it is closed', async () => {
      await client.line('PING');
      await server.close();
      assert.equal(await client.untilClosed(), '');
      server = await start({ host: '127.0.0.1', port: 0 });
    });

    it('says why it cannot listen', async () => {
      await assert.rejects(start({ host: '127.0.0.1', port: server.port }), { code: 'EADDRINUSE' });
    });
  });
}
