/**
 * createConnection: from a name, or a socket that the caller has connected, to a transport.
 *
 * Arguments are checked before anything is opened. When no address of a host answers, the error tells
 * every attempt.
 */

import type { AbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import { type AddressLike, checkHostAndPort } from '../io/addresses.js';
import { Connecting, interleave } from '../io/connecting.js';
import { checkDescriptor, checkStreamSocket } from '../io/descriptors.js';
import { publishClientSocket } from '../io/diagnostics.js';
import type { ProtocolFactory, StreamProtocol } from '../io/protocols.js';
import { checkHints, type ResolveHints, resolve } from '../io/resolver.js';
import { type TcpSettings, TcpTransport } from '../io/tcp.js';
import type { ClientSslOptions } from '../io/tls_options.js';
import type { Transport } from '../io/transports.js';
import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkNoZero,
  checkNumber,
  checkOptions,
  checkPort,
  rangeError,
  typeError,
  valueError,
} from '../util/check.js';
import { abortTransport, start, startTransport } from './opening.js';
import { adoptConnected } from './pipes.js';
import { checkTcpOptions, type SocketOption, type TcpOptions } from './socket_options.js';
import type { StreamLoop } from './stream_loop.js';

/** What createConnection() takes. */
export interface ConnectOptions
  extends AbortOptions,
    ResolveHints,
    TcpOptions,
    SocketOption,
    ClientSslOptions {
  /** Where to connect from. */
  localAddr?: AddressLike;
  /**
   * Tries the next address beside the one before after so many milliseconds, and takes the first that answers: Happy
   * Eyeballs, RFC 8305, which recommends 250. Without it the next one waits until the one before has failed.
   */
  happyEyeballsDelay?: number;
  /**
   * How many addresses of the first family come before the families alternate; 0 leaves the order as the resolver gives it.
   * By default 1 with `happyEyeballsDelay`, else 0.
   */
  interleave?: number;
  /** True for an ExceptionGroup of the errors of all attempts. */
  allErrors?: boolean;
}

export function connect<P extends StreamProtocol>(
  loop: StreamLoop,
  protocolFactory: ProtocolFactory<P>,
  host: string | null | undefined,
  port: number | null | undefined,
  options: ConnectOptions | undefined,
): Future<[Transport, P]> {
  loop._checkClosed();
  checkFunction('protocolFactory', protocolFactory);
  checkOptions(options);
  const settings = checkTcpOptions(options);
  const sock = options?.sock;
  if (sock !== undefined) {
    if (!isNothing(host) || !isNothing(port)) {
      throw valueError('host/port and sock can not be specified at the same time');
    }
    checkDescriptor('sock', sock);
    const entry = loop.createConnection;
    return adoptConnected(
      loop,
      entry,
      protocolFactory,
      sock,
      options,
      checkStreamSocket,
      settings,
    ) as Future<[Transport, P]>;
  }
  if (isNothing(host) && isNothing(port)) {
    throw valueError('host and port was not specified and no sock specified');
  }
  if (typeof host !== 'string' || host === '') throw typeError('host', 'a host name', host);
  checkNoZero('host', host);
  checkPort('port', port);
  return connectTo(loop, protocolFactory, [host, port as number], options, settings);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function connectTo<P extends StreamProtocol>(
  loop: StreamLoop,
  protocolFactory: ProtocolFactory<P>,
  [host, port]: [string, number],
  options: ConnectOptions | undefined,
  settings: TcpSettings,
): Future<[Transport, P]> {
  const hints = checkHints(options);
  const { localAddr, happyEyeballsDelay, allErrors = false } = options ?? {};
  const local = localAddr === undefined ? null : checkHostAndPort('localAddr', localAddr);
  if (happyEyeballsDelay !== undefined) {
    checkNumber('happyEyeballsDelay', happyEyeballsDelay);
    if (happyEyeballsDelay < 0)
      throw rangeError('happyEyeballsDelay', '0 or more', happyEyeballsDelay);
  }
  const delay = happyEyeballsDelay ?? null;
  const { interleave: count = delay === null ? 0 : 1 } = options ?? {};
  checkInteger('interleave', count, 0, Number.MAX_SAFE_INTEGER);
  checkBoolean('allErrors', allErrors);
  const open = async (): Promise<[Transport, P]> => {
    const found = await resolve(loop._reactor, host, port, hints);
    const locals = local === null ? null : await resolve(loop._reactor, ...local, hints);
    loop._checkClosed();
    const remotes = count === 0 ? found : interleave(found, count);
    const connecting = new Connecting(loop._reactor, remotes, { locals, delay, allErrors });
    let protocol: P;
    let transport: TcpTransport;
    try {
      const connected = await connecting;
      protocol = protocolFactory();
      transport = new TcpTransport(loop._reactor, protocol, null, settings, connected);
      publishClientSocket(transport);
    } catch (error) {
      connecting.discard();
      throw error;
    }
    await startTransport(loop, transport);
    return [transport, protocol];
  };
  return start(loop, loop.createConnection, open, abortTransport, options);
}
