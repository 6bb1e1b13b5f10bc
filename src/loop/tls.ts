/**
 * TLS for the loop's functions: `ssl` of those that open something, and startTls().
 *
 * Each opens as ever, with a TlsProtocol between the transport and the program's protocol. Invariant: whoever
 * waits has a connection whose handshake is over, or nothing is left of it.
 */

import type { AbortOptions } from '../core/abort.js';
import { checkAbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import type { ProtocolFactory, StreamProtocol } from '../io/protocols.js';
import { SocketTransport } from '../io/socket_transport.js';
import {
  type SslContext,
  type StartTlsOptions,
  startTlsSettings,
  type TlsSettings,
} from '../io/tls_options.js';
import { TlsProtocol } from '../io/tls_protocol.js';
import { TlsTransport } from '../io/tls_transport.js';
import type { Transport } from '../io/transports.js';
import { checkFunction, typeError } from '../util/check.js';
import { systemError, UV_ENOTCONN } from '../util/system_error.js';
import { abortTransport, start } from './opening.js';
import type { StreamLoop } from './stream_loop.js';

/** What startTls() takes. */
export interface StartTlsCallOptions extends StartTlsOptions, AbortOptions {}

/** A protocol that keeps what came before TLS began: it is TLS already. */
interface KeepsBytes {
  _takeUnread?(): Buffer[];
}

/** A factory of protocols behind TLS. */
export function behindTls<P extends StreamProtocol>(
  loop: StreamLoop,
  protocolFactory: ProtocolFactory<P>,
  settings: TlsSettings,
): ProtocolFactory<TlsProtocol> {
  checkFunction('protocolFactory', protocolFactory);
  return () => new TlsProtocol(loop._reactor, protocolFactory(), settings);
}

/** What `open` opens, once the handshake is over; without settings, as it is. */
export function openWithTls<P extends StreamProtocol, A>(
  loop: StreamLoop,
  entry: (...args: never[]) => unknown,
  protocolFactory: ProtocolFactory<P>,
  settings: TlsSettings | null,
  open: <Q extends StreamProtocol>(factory: ProtocolFactory<Q>) => Future<[Transport<A>, Q]>,
  options: AbortOptions | undefined,
): Future<[Transport<A>, P]> {
  if (settings === null) return open(protocolFactory);
  const opening = open(behindTls(loop, protocolFactory, settings));
  const shakeHands = async (): Promise<[Transport<A>, P]> => {
    const [raw, tls] = await opening;
    try {
      await tls.whenOpen();
    } catch (error) {
      raw.abort();
      throw error;
    }
    return [tls.transport as unknown as Transport<A>, tls.transport.getProtocol() as P];
  };
  return start(loop, entry, shakeHands, abortTransport, options);
}

export function startTls(
  loop: StreamLoop,
  transport: Transport,
  protocol: StreamProtocol,
  sslcontext: SslContext,
  options: StartTlsCallOptions | undefined,
): Future<Transport> {
  loop._checkClosed();
  const settings = startTlsSettings(sslcontext, options);
  checkAbortOptions(options);
  if (!(transport instanceof SocketTransport || transport instanceof TlsTransport)) {
    throw typeError('transport', 'one that startTls() supports: a socket’s', transport);
  }
  const tls = new TlsProtocol(loop._reactor, protocol, settings, true);
  const open = async (): Promise<Transport> => {
    if (transport.isClosing()) throw systemError(UV_ENOTCONN, 'startTls');
    // Not before the protocol has heard of the connection.
    transport.pauseReading();
    transport.setProtocol(tls);
    const unread = (protocol as KeepsBytes)._takeUnread?.() ?? [];
    loop.callSoon(() => {
      tls.connectionMade(transport as Transport);
      for (const bytes of unread) tls.dataReceived(bytes);
      transport.resumeReading();
    });
    try {
      await tls.whenOpen();
    } catch (error) {
      transport.abort();
      throw error;
    }
    return tls.transport;
  };
  const starting = start(loop, loop.startTls, open, (made) => made.abort(), options);
  // The first bytes come after whoever waits has the transport to answer them with.
  starting.addDoneCallback(() => tls._inbox.callSoon(() => tls._inbox.open()));
  return starting;
}
