/*
 * A time server over UDP (RFC 868): whatever datagram arrives, it answers with four bytes, the seconds
 * since 1900. SIGUSR2 makes it say how many it has answered. Try it:
 *
 *   node dist/examples/time-server.js --port 3737 &
 *   node dist/examples/time-server.js --ask 127.0.0.1 --port 3737
 */

import { parseArgs } from 'node:util';
import {
  DatagramProtocol,
  type DatagramTransport,
  Future,
  getRunningLoop,
  type SocketAddress,
  waitFor,
} from 'uvio';
import { announce, isMain } from './kv/command-line.js';
import { runProgram } from './program.js';

/** Between 1900 and 1970, in seconds. */
const EPOCH = 2_208_988_800;
const PATIENCE = 2000; // ms

/** RFC 868: 32 bits, which begin again in 2036. */
export function encodeTime(milliseconds: number): Buffer {
  const answer = Buffer.alloc(4);
  answer.writeUInt32BE((Math.floor(milliseconds / 1000) + EPOCH) % 2 ** 32);
  return answer;
}

export function decodeTime(answer: Buffer): Date {
  return new Date((answer.readUInt32BE() - EPOCH) * 1000);
}

export class TimeProtocol extends DatagramProtocol {
  answered = 0;
  private transport!: DatagramTransport;

  override connectionMade(transport: DatagramTransport): void {
    this.transport = transport;
  }

  override datagramReceived(_data: Buffer, addr: SocketAddress): void {
    this.answered++;
    this.transport.sendto(encodeTime(Date.now()), addr);
  }
}

class Question extends DatagramProtocol {
  readonly answer = new Future<Date>();

  override connectionMade(transport: DatagramTransport): void {
    transport.sendto('');
  }

  override datagramReceived(data: Buffer): void {
    if (data.length === 4 && !this.answer.done()) this.answer.setResult(decodeTime(data));
  }

  override errorReceived(error: Error): void {
    if (!this.answer.done()) this.answer.setException(error);
  }
}

/** Answers until the process is interrupted. */
async function serve(host: string, port: number): Promise<void> {
  const loop = getRunningLoop();
  const [transport, protocol] = await loop.createDatagramEndpoint(() => new TimeProtocol(), {
    localAddr: [host, port],
  });
  const { address, port: bound } = transport.getExtraInfo('sockname') as SocketAddress;
  loop.addSignalHandler('SIGUSR2', () => console.log(`answered ${protocol.answered}`));
  announce({ host: address, port: bound, close: async () => transport.close() });
  await new Future();
}

/** The time that a server tells; fails when it is not there. */
export async function ask(host: string, port: number): Promise<Date> {
  const [transport, question] = await getRunningLoop().createDatagramEndpoint(
    () => new Question(),
    { remoteAddr: [host, port] },
  );
  try {
    return await waitFor(question.answer, PATIENCE);
  } finally {
    transport.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ask: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '37' },
    },
  });
  const port = Number(values.port);
  if (values.ask === undefined) await serve(values.host, port);
  else console.log((await ask(values.ask, port)).toISOString());
}

if (isMain(import.meta.url)) await runProgram(main);
