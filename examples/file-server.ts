/*
 * An HTTP file server: Node's http on uvio's sockets, by toDuplex(). GET and HEAD of the files below a directory, with
 * ranges and conditional requests. Try it:
 *
 *   node dist/examples/file-server.js --root docs --port 8080 &
 *   curl -i http://127.0.0.1:8080/guide.md
 */

import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { startServer, toDuplex } from 'uvio';
import { isUnchanged, type Version, wantedRange } from './files/conditions.js';
import { contentTypeOf } from './files/content-types.js';
import { Directory, type OpenFile } from './files/directory.js';
import { announce, isMain } from './kv/command-line.js';
import { runProgram } from './program.js';

/** Answers requests for the files of `directory`. */
export function fileListener(directory: Directory): RequestListener {
  return (request, response) => {
    answer(directory, request, response).catch((error) => {
      // Whoever leaves early hears nothing of it; everything else is this server's fault.
      if (response.destroyed) return;
      console.error(`${request.method} ${request.url}:`, error);
      if (response.headersSent) response.destroy();
      else refuse(response, 500);
    });
  };
}

async function answer(
  directory: Directory,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, 405, { Allow: 'GET, HEAD' });
    return;
  }
  const [path = ''] = (request.url ?? '').split('?');
  let file: Awaited<ReturnType<Directory['find']>>;
  try {
    file = await directory.find(path);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    refuse(response, 400);
    return;
  }
  if (file === null) {
    refuse(response, 404);
  } else if (file === 'slash') {
    // One slash at the beginning: two would name another host.
    refuse(response, 301, { Location: `${path.replace(/^\/+/, '/')}/` });
  } else {
    try {
      await send(file, request, response);
    } finally {
      await file.handle.close();
    }
  }
}

async function send(
  { handle, path, stats }: OpenFile,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const version: Version = {
    etag: `"${stats.size.toString(16)}-${Math.round(stats.mtimeMs * 1000).toString(16)}"`,
    lastModified: stats.mtime,
  };
  response.setHeader('ETag', version.etag);
  response.setHeader('Last-Modified', version.lastModified.toUTCString());
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (isUnchanged(request.headers, version)) {
    response.writeHead(304).end();
    return;
  }
  const range = wantedRange(request.headers, version, stats.size);
  if (range === 'none') {
    refuse(response, 416, { 'Content-Range': `bytes */${stats.size}` });
    return;
  }
  const { start, end } = range ?? { start: 0, end: stats.size - 1 };
  response.setHeader('Content-Type', contentTypeOf(path));
  response.setHeader('Content-Length', end - start + 1);
  if (range === null) response.writeHead(200);
  else response.writeHead(206, { 'Content-Range': `bytes ${start}-${end}/${stats.size}` });
  if (request.method === 'HEAD' || end < start) response.end();
  else await pipeline(handle.createReadStream({ start, end, autoClose: false }), response);
}

function refuse(response: ServerResponse, status: number, headers: OutgoingHttpHeaders = {}): void {
  const body = `${status} ${STATUS_CODES[status]}\n`;
  response
    .writeHead(status, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': body.length,
      ...headers,
    })
    .end(body);
}

/** Serves until the task is cancelled. */
export async function serve(root: string, host: string, port: number): Promise<void> {
  const web = createServer(fileListener(await Directory.of(root)));
  // It will not listen itself, and looks after slow requests only from here on.
  web.emit('listening');
  const server = await startServer(null, host, port);
  const { address, port: bound } = server.sockets[0]?.getsockname() ?? { address: host, port };
  announce({ host: address, port: bound, close: async () => server.close() });
  try {
    for await (const pair of server) web.emit('connection', toDuplex(pair));
  } finally {
    server.close();
    web.close();
    web.closeAllConnections();
    await server.waitClosed();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      root: { type: 'string', default: '.' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8080' },
    },
  });
  await serve(values.root, values.host, Number(values.port));
}

if (isMain(import.meta.url)) await runProgram(main);
