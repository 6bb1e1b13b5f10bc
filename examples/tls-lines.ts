/*
 * A server of lines that begins in the clear and goes on with TLS when a client says STARTTLS, as mail
 * servers do. It sends lines back; without TLS it knows STARTTLS and QUIT only. Try it:
 *
 *   node dist/examples/tls-lines.js --port 4433 --cert test/certificates/server.pem --key test/certificates/server.key &
 *   node dist/examples/tls-lines.js --say hello --host localhost --port 4433 --ca test/certificates/authority.pem
 */

import { readFileSync } from 'node:fs';
import type { CipherNameAndProtocol } from 'node:tls';
import { parseArgs } from 'node:util';
import {
  openConnection,
  type SslContext,
  type StreamReader,
  type StreamWriter,
  startServer,
  type TransportSocket,
} from 'uvio';
import { announce, isMain } from './kv/command-line.js';
import { runProgram } from './program.js';

/** A line without its end; null at the end of the connection. */
async function readLine(reader: StreamReader): Promise<string | null> {
  const line = await reader.readline();
  return line.length === 0 ? null : line.toString().trimEnd();
}

/** One connection of the server. */
async function converse(reader: StreamReader, writer: StreamWriter, ssl: SslContext) {
  let isSecure = false;
  writer.write('220 lines; STARTTLS first\n');
  for (;;) {
    const line = await readLine(reader);
    if (line === null || line === 'QUIT') break;
    if (isSecure) {
      writer.write(`250 ${line}\n`);
    } else if (line === 'STARTTLS') {
      writer.write('220 go ahead\n');
      // What follows is TLS, also what has come already.
      await writer.startTls(ssl);
      isSecure = true;
    } else {
      writer.write('530 STARTTLS first\n');
    }
    await writer.drain();
  }
  writer.close();
  await writer.waitClosed();
}

/** Answers until the process is interrupted. */
async function serve(host: string, port: number, ssl: SslContext): Promise<void> {
  const handle = async (reader: StreamReader, writer: StreamWriter) => {
    try {
      await converse(reader, writer, ssl);
    } catch (error) {
      // One client's trouble: a handshake that failed, a connection that was reset.
      console.error(`client: ${error}`);
      writer.close();
    }
  };
  const server = await startServer(handle, host, port);
  const [socket] = server.sockets;
  const { address, port: bound } = (socket as TransportSocket).getsockname();
  announce({ host: address, port: bound, close: async () => server.close() });
  await server.serveForever();
}

/** Says one line over TLS; what comes back, and over which TLS. */
async function say(line: string, host: string, port: number, ssl: SslContext): Promise<string> {
  const [reader, writer] = await openConnection(host, port);
  try {
    await readLine(reader);
    writer.write('STARTTLS\n');
    await readLine(reader);
    await writer.startTls(ssl, { serverHostname: host });
    writer.write(`${line}\n`);
    const answer = await readLine(reader);
    const { version } = writer.getExtraInfo('cipher') as CipherNameAndProtocol;
    return `${answer} (${version})`;
  } finally {
    writer.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      say: { type: 'string' },
      host: { type: 'string', default: 'localhost' },
      port: { type: 'string', default: '4433' },
      cert: { type: 'string' },
      key: { type: 'string' },
      ca: { type: 'string' },
    },
  });
  const port = Number(values.port);
  const files = Object.entries({ cert: values.cert, key: values.key, ca: values.ca })
    .filter(([, file]) => file !== undefined)
    .map(([name, file]) => [name, readFileSync(file as string)]);
  const ssl: SslContext = Object.fromEntries(files);
  if (values.say === undefined) await serve(values.host, port, ssl);
  else console.log(await say(values.say, values.host, port, ssl));
}

if (isMain(import.meta.url)) await runProgram(main);
