/*
 * The file server: what HTTP asks of one, and what nobody may get out of it. Requests are raw where a client of Node's
 * would tidy them up. Invariant: nothing outside of the directory is ever served.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { fileListener } from '../../examples/file-server.js';
import { wantedRange } from '../../examples/files/conditions.js';
import { Directory } from '../../examples/files/directory.js';
import { readAnnouncement } from '../../examples/kv/command-line.js';
import { type Answer, ask, withWeb } from '../high/web_support.js';
import { randomData, sha256 } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';

const program = fileURLToPath(new URL('../../examples/file-server.js', import.meta.url));
const large = randomData(3_000_000);

describe('the file server', () => {
  let folder: string;
  let root: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'uvio-files-'));
    root = join(folder, 'root');
    mkdirSync(join(root, 'sub'), { recursive: true });
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    writeFileSync(join(root, 'hello.txt'), 'hello, world');
    writeFileSync(join(root, 'empty.css'), '');
    writeFileSync(join(root, 'with space & ü.html'), '<p>');
    writeFileSync(join(root, 'sub', 'index.html'), '<h1>sub</h1>');
    writeFileSync(join(root, 'large.bin'), large);
    utimesSync(join(root, 'hello.txt'), 1_700_000_000.5, 1_700_000_000.5);
    symlinkSync(join(folder, 'secret.txt'), join(root, 'out.txt'));
    symlinkSync(folder, join(root, 'out'));
    symlinkSync('hello.txt', join(root, 'in.txt'));
    spawnSync('mkfifo', [join(root, 'fifo')]);
  });

  after(() => rmSync(folder, { recursive: true }));

  describe('as a listener', () => {
    leavesNothingOpen();

    async function serving(body: (port: number) => Promise<void>): Promise<void> {
      const directory = await Directory.of(root);
      await withWeb(createServer(fileListener(directory)), body);
    }

    async function get(port: number, path: string, headers = {}, method = 'GET'): Promise<Answer> {
      return ask({ host: '127.0.0.1', port, path, headers, method, agent: false });
    }

    it('serves files with their size and type', () =>
      serving(async (port) => {
        const hello = await get(port, '/hello.txt?query');
        deepEqual([hello.status, hello.body], [200, 'hello, world']);
        equal(hello.headers['content-type'], 'text/plain; charset=utf-8');
        equal(hello.headers['content-length'], '12');
        equal(hello.headers['last-modified'], 'Tue, 14 Nov 2023 22:13:20 GMT');
        const other = await get(port, `/${encodeURIComponent('with space & ü.html')}`);
        deepEqual([other.status, other.body], [200, '<p>']);
        equal(other.headers['content-type'], 'text/html; charset=utf-8');
        const empty = await get(port, '/empty.css');
        deepEqual([empty.status, empty.body, empty.headers['content-length']], [200, '', '0']);
        equal((await get(port, '/in.txt')).body, 'hello, world');
      }));

    it('carries megabytes', () =>
      serving(async (port) => {
        const answer = await fetch(`http://127.0.0.1:${port}/large.bin`);
        equal(sha256(Buffer.from(await answer.arrayBuffer())), sha256(large));
        equal(answer.headers.get('content-type'), 'application/octet-stream');
      }));

    it('serves the index of a directory, and sends to its slash', () =>
      serving(async (port) => {
        equal((await get(port, '/sub/')).body, '<h1>sub</h1>');
        const moved = await get(port, '//sub');
        deepEqual([moved.status, moved.headers.location], [301, '/sub/']);
        equal((await get(port, '/')).status, 404);
        equal((await get(port, '/hello.txt/')).status, 404);
      }));

    it('answers HEAD with the headers of GET, and nothing else', () =>
      serving(async (port) => {
        const head = await get(port, '/hello.txt', {}, 'HEAD');
        const whole = await get(port, '/hello.txt');
        const comparable = ({ headers: { date: _, ...rest } }: Answer) => rest;
        deepEqual(comparable(head), comparable(whole));
        deepEqual([head.status, head.body], [200, '']);
        equal((await get(port, '/nothing', {}, 'HEAD')).status, 404);
      }));

    it('refuses other methods', () =>
      serving(async (port) => {
        for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
          const { status, headers } = await get(port, '/hello.txt', {}, method);
          deepEqual([status, headers.allow], [405, 'GET, HEAD']);
        }
      }));

    it('sends the part that is asked for', () =>
      serving(async (port) => {
        const part = async (range: string, path = '/hello.txt') => {
          const { status, headers, body } = await get(port, path, { range });
          return [status, headers['content-range'], body];
        };
        deepEqual(await part('bytes=0-4'), [206, 'bytes 0-4/12', 'hello']);
        deepEqual(await part('bytes=7-'), [206, 'bytes 7-11/12', 'world']);
        deepEqual(await part('bytes=-5'), [206, 'bytes 7-11/12', 'world']);
        deepEqual(await part('bytes=-500'), [206, 'bytes 0-11/12', 'hello, world']);
        deepEqual(await part('bytes=11-900'), [206, 'bytes 11-11/12', 'd']);
        for (const whole of ['bytes=5-4', 'bytes=-', 'lines=1-2', 'bytes=0-1,3-4', 'x']) {
          deepEqual(await part(whole), [200, undefined, 'hello, world']);
        }
        for (const none of ['bytes=12-', 'bytes=-0', 'bytes=99999999999999999999-']) {
          deepEqual((await part(none)).slice(0, 2), [416, 'bytes */12']);
        }
        deepEqual((await part('bytes=0-', '/empty.css')).slice(0, 2), [416, 'bytes */0']);
      }));

    it('asks for no part of another version', () =>
      serving(async (port) => {
        const { headers } = await get(port, '/hello.txt');
        const status = async (condition: string | undefined) =>
          (await get(port, '/hello.txt', { range: 'bytes=0-4', 'if-range': condition })).status;
        equal(await status(headers.etag), 206);
        equal(await status(headers['last-modified']), 206);
        equal(await status('"another"'), 200);
        equal(await status('Tue, 14 Nov 2023 22:13:19 GMT'), 200);
      }));

    it('tells who has a version already that it has not changed', () =>
      serving(async (port) => {
        const { headers } = await get(port, '/hello.txt');
        const status = async (condition: Record<string, string | undefined>) => {
          const answer = await get(port, '/hello.txt', condition);
          if (answer.status === 304) equal(answer.body, '');
          return answer.status;
        };
        equal(await status({ 'if-none-match': headers.etag }), 304);
        equal(await status({ 'if-none-match': `"other", W/${headers.etag}` }), 304);
        equal(await status({ 'if-none-match': '*' }), 304);
        equal(await status({ 'if-modified-since': headers['last-modified'] }), 304);
        equal(await status({ 'if-modified-since': 'Tue, 14 Nov 2023 22:13:19 GMT' }), 200);
        equal(await status({ 'if-modified-since': 'yesterday' }), 200);
        // The tag is the better witness.
        const both = { 'if-none-match': '"other"', 'if-modified-since': headers['last-modified'] };
        equal(await status(both), 200);
        writeFileSync(join(root, 'hello.txt'), 'hello, World');
        equal(await status({ 'if-none-match': headers.etag }), 200);
        writeFileSync(join(root, 'hello.txt'), 'hello, world');
        utimesSync(join(root, 'hello.txt'), 1_700_000_000.5, 1_700_000_000.5);
      }));

    it('serves nothing from outside of its directory, and nothing that is no file', () =>
      serving(async (port) => {
        const climbs = [
          '/../',
          '/..%2f',
          '/%2e%2e/',
          '/%2e%2e%2f',
          '/sub/../../',
          '//../',
          '/sub/..%2f..%2f',
        ];
        const paths = climbs.map((climb) => `${climb}secret.txt`);
        paths.push('/out.txt', '/out/secret.txt', `/..%2froot/../secret.txt`, '/fifo', '/nothing');
        for (const path of [...paths, '/x'.repeat(3000), `/${'x'.repeat(300)}`, '']) {
          const answer = await raw(port, `GET ${path || '*'} HTTP/1.1`);
          match(answer, /^HTTP\/1\.1 404 Not Found/, `${path}: ${answer}`);
          ok(!answer.includes('secret'));
        }
        for (const path of ['/%', '/%ff', '/a%00b']) {
          match(await raw(port, `GET ${path} HTTP/1.1`), /^HTTP\/1\.1 400 Bad Request/);
        }
      }));

    it('closes the file when a client leaves in the middle', () =>
      serving(async (port) => {
        const socket = connect(port, '127.0.0.1');
        socket.write('GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n');
        await once(socket, 'data');
        socket.resetAndDestroy();
        await once(socket, 'close');
      }));
  });

  describe('as a program', () => {
    it('says where it listens, serves, and ends when it is interrupted', async () => {
      const child = spawn(process.execPath, [program, '--root', root, '--port', '0']);
      let output = '';
      child.stdout.setEncoding('utf8');
      while (readAnnouncement(output) === undefined)
        output += (await once(child.stdout, 'data'))[0];
      const url = `http://127.0.0.1:${readAnnouncement(output)}/hello.txt`;
      equal(await (await fetch(url)).text(), 'hello, world');
      const ended = once(child, 'close');
      child.kill('SIGINT');
      deepEqual(await ended, [130, null]);
    });

    it('says that there is no such directory', () => {
      const { status, stderr } = spawnSync(process.execPath, [program, '--root', '/no/where'], {
        encoding: 'utf8',
      });
      equal(status, 1);
      match(stderr, /ENOENT.*\/no\/where/);
    });
  });

  it('finds ranges that lie inside, or none', () => {
    const version = { etag: '"x"', lastModified: new Date(0) };
    for (let size = 0; size < 6; size++) {
      for (const range of ['0-0', '0-', '-1', '2-3', '5-', '-9', '1-0']) {
        const found = wantedRange({ range: `bytes=${range}` }, version, size);
        if (found === null || found === 'none') continue;
        ok(0 <= found.start && found.start <= found.end && found.end < size, `${range} of ${size}`);
      }
    }
  });
});

/** The answer to a request line exactly as it is. */
async function raw(port: number, requestLine: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${requestLine}\r\nHost: x\r\nConnection: close\r\n\r\n`);
  return text(socket);
}
