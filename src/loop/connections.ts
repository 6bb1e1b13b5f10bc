/**
 * createConnection: from a name to a connected socket.
 *
 * Arguments are checked before anything is opened. When no address of a host answers, the error tells
 * every attempt.
 */

import type { AbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import type { ProtocolFactory, StreamProtocol } from '../io/protocols.js';
import { checkFamily, resolve } from '../io/resolver.js';
import { TcpTransport } from '../io/tcp.js';
import type { Transport } from '../io/transports.js';
import { checkFunction, checkOptions, checkPort, typeError } from '../util/check.js';
import type { SystemError } from '../util/system_error.js';
import { abortTransport, start } from './opening.js';
import type { StreamLoop } from './stream_loop.js';

export interface ConnectOptions extends AbortOptions {
  family?: 0 | 4 | 6;
  /** Where to connect from. */
  localAddr?: readonly [host: string, port: number];
}

export function connect<P extends StreamProtocol>(
  loop: StreamLoop,
  protocolFactory: ProtocolFactory<P>,
  host: string,
  port: number,
  options: ConnectOptions | undefined,
): Future<[Transport, P]> {
  loop._checkClosed();
  checkFunction('protocolFactory', protocolFactory);
  if (typeof host !== 'string' || host === '') throw typeError('host', 'a host name', host);
  checkPort('port', port);
  checkOptions(options);
  const family = checkFamily(options?.family);
  const local = options?.localAddr;
  if (local !== undefined) {
    if (!Array.isArray(local) || typeof local[0] !== 'string') {
      throw typeError('localAddr', 'a pair [host, port]', local);
    }
    checkPort('localAddr[1]', local[1]);
  }
  const open = async (): Promise<[Transport, P]> => {
    const remotes = await resolve(loop._reactor, host, port, family);
    const locals =
      local === undefined ? [] : await resolve(loop._reactor, local[0], local[1], family);
    loop._checkClosed();
    const failures: Error[] = [];
    for (const remote of remotes) {
      const protocol = protocolFactory();
      const transport = new TcpTransport(loop._reactor, protocol, null);
      const from = locals.find((address) => address.family === remote.family) ?? null;
      try {
        await transport._connect(remote, from);
      } catch (error) {
        if (!('syscall' in (error as object))) throw error;
        failures.push(error as Error);
        continue;
      }
      transport._start();
      return [transport, protocol];
    }
    throw combine(failures);
  };
  return start(loop, loop.createConnection, open, abortTransport, options);
}

/** One failure is thrown as it is; several, as asyncio does, in one that has the first one's code. */
function combine(failures: Error[]): Error {
  const first = failures[0] as SystemError;
  if (failures.length === 1) return first;
  const words = failures.map((failure) => failure.message).join(', ');
  const { code, errno, syscall } = first;
  return Object.assign(new AggregateError(failures, `Multiple exceptions: ${words}`), {
    code,
    errno,
    syscall,
  });
}
