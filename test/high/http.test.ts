/**
 * Node's http and https over uvio, as server and as client.
 *
 * Guards: keep-alive, pipelining, uploads, early ends and TLS work as on a net.Socket; a server under load answers
 * every request.
 */

import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, createServer } from 'node:http';
import { createServer as createSecureServer, request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { sleep } from 'uvio';
import { randomData, sha256 } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';
import { closed } from './duplex_support.js';
import { ask, overUvio, withWeb } from './web_support.js';

/** Answers with the size and the hash of what was sent, and with data of its own for /data/N. */
function web() {
  return createServer(async (request, response) => {
    const sent: Buffer[] = [];
    for await (const chunk of request) sent.push(chunk as Buffer);
    const size = Number(request.url?.split('/data/')[1] ?? 0);
    if (size > 0) response.end(Buffer.alloc(size, 'd'));
    else response.end(`${request.method} ${request.url} ${sha256(sent)}`);
  });
}

const empty = sha256([]);

describe('http over uvio', () => {
  leavesNothingOpen();

  it('serves clients on net: requests, uploads, large answers', () =>
    withWeb(web(), async (port) => {
      const url = `http://127.0.0.1:${port}`;
      const upload = randomData(3_000_000);
      equal(await (await fetch(`${url}/one`)).text(), `GET /one ${empty}`);
      const posted = await fetch(`${url}/two`, { method: 'POST', body: upload });
      equal(await posted.text(), `POST /two ${sha256(upload)}`);
      const large = await (await fetch(`${url}/data/5000000`)).arrayBuffer();
      equal(large.byteLength, 5_000_000);
    }));

  it('answers pipelined requests in order', () =>
    withWeb(web(), async (port) => {
      const socket = connect(port, '127.0.0.1');
      const paths = Array.from({ length: 50 }, (_, index) => `/${index}`);
      const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      socket.end(`${requests.join('')}GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      const bodies = [...(await text(socket)).matchAll(/GET (\S+) [0-9a-f]{64}/g)];
      deepEqual(
        bodies.map((body) => body[1]),
        [...paths, '/last'],
      );
    }));

  it('is a client with keep-alive: one connection for all requests', () =>
    withWeb(web(), async (port) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const streams: Duplex[] = [];
      // Types of Node leave it out.
      Object.assign(agent, {
        createConnection() {
          streams.push(overUvio(port));
          return streams.at(-1);
        },
      });
      for (const path of ['/a', '/b', '/c']) {
        equal((await ask({ agent, path })).body, `GET ${path} ${empty}`);
      }
      const upload = randomData(2_000_000);
      const { body } = await ask({ agent, path: '/d', method: 'PUT' }, (sent) => sent.end(upload));
      equal(body, `PUT /d ${sha256(upload)}`);
      equal(streams.length, 1);
      agent.destroy();
      await closed(streams[0] as Duplex);
    }));

  it('ends idle connections at the time that the server says', () => {
    const server = web();
    // The second one is what newer versions of Node wait besides.
    Object.assign(server, { keepAliveTimeout: 20, keepAliveTimeoutBuffer: 0 });
    return withWeb(server, async (port) => {
      const socket = connect(port, '127.0.0.1');
      socket.write('GET /only HTTP/1.1\r\nHost: x\r\n\r\n');
      match(await text(socket), /GET \/only/);
    });
  });

  it('emits timeout on a request that gets no answer, which is then given up', () => {
    let aborted = false;
    const server = createServer((request) => request.on('aborted', () => (aborted = true)));
    return withWeb(server, async (port) => {
      const asking = ask({ createConnection: () => overUvio(port) }, (sent) => {
        sent.setTimeout(20, () => sent.destroy(new Error('too slow')));
        sent.end();
      });
      await rejects(asking, /too slow/);
      while (!aborted) await sleep(0);
    });
  });

  it('hears of clients that leave, and of servers that do', () => {
    const events: string[] = [];
    const server = createServer((request, response) => {
      response.on('close', () => events.push(`${request.url} ${response.writableFinished}`));
      if (request.url === '/leave') response.destroy();
      else response.write('a beginning');
    });
    return withWeb(server, async (port) => {
      const asking = ask({ createConnection: () => overUvio(port), path: '/leave' });
      await rejects(asking, { code: 'ECONNRESET', message: 'socket hang up' });
      const socket = connect(port, '127.0.0.1');
      socket.write('GET /stay HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(socket, 'data');
      socket.resetAndDestroy();
      while (events.length < 2) await sleep(0);
      deepEqual(events, ['/leave false', '/stay false']);
    });
  });

  it('answers what is no HTTP with 400', () =>
    withWeb(web(), async (port) => {
      const socket = connect(port, '127.0.0.1');
      socket.end('how do you do\r\n\r\n');
      match(await text(socket), /^HTTP\/1\.1 400 Bad Request/);
    }));

  it('serves and asks over TLS, both ends above uvio', async function () {
    if (spawnSync('openssl', ['version']).status !== 0) return this.skip();
    const folder = mkdtempSync(join(tmpdir(), 'uvio-'));
    const [keyFile, certFile] = [join(folder, 'key'), join(folder, 'cert')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const files = ['-keyout', keyFile, '-out', certFile, '-days', '2'];
    equal(spawnSync('openssl', ['req', '-x509', ...curve, ...files, ...subject]).status, 0);
    const [key, cert] = [readFileSync(keyFile), readFileSync(certFile)];
    rmSync(folder, { recursive: true });
    const upload = randomData(1_000_000);
    const server = createSecureServer({ key, cert }, async (request, response) => {
      const sent: Buffer[] = [];
      for await (const chunk of request) sent.push(chunk as Buffer);
      response.end(`${request.url} ${sha256(sent)}`);
    });
    await withWeb(server, async (port) => {
      const createConnection = () =>
        connectTls({ socket: overUvio(port), ca: cert, servername: 'localhost' });
      const answer = await new Promise<string>((resolve, reject) => {
        const options = { createConnection, path: '/secret', method: 'POST' };
        const sent = secureRequest(options, (response) => text(response).then(resolve));
        sent.on('error', reject);
        sent.end(upload);
      });
      equal(answer, `/secret ${sha256(upload)}`);
    });
  });

  it('answers every request under load', async function () {
    if (spawnSync('wrk', ['-v']).error !== undefined) return this.skip();
    const server = createServer((_request, response) => response.end('hello'));
    const report = await withWeb(server, (port) => underLoad(`http://127.0.0.1:${port}/`));
    ok(Number(/(\d+) requests in/.exec(report)?.[1]) > 100, report);
    ok(!/Socket errors|Non-2xx/.test(report), report);
  });
});

/** What wrk says of one second with 50 connections. */
async function underLoad(url: string): Promise<string> {
  const wrk = spawn('wrk', ['--threads', '1', '--connections', '50', '--duration', '1s', url]);
  const [report] = await Promise.all([text(wrk.stdout), once(wrk, 'close')]);
  return report;
}
