/**
 * What is known of a connection's TLS: `transport.getExtraInfo('sslObject')`, asyncio's ssl_object.
 *
 * The questions are those of Node's TLSSocket, and the answers its own. Its streams are not here: the bytes go
 * through the transport.
 */

import type { X509Certificate } from 'node:crypto';
import type {
  CipherNameAndProtocol,
  DetailedPeerCertificate,
  PeerCertificate,
  TLSSocket,
} from 'node:tls';

/** What TLS has agreed on: `getExtraInfo('ssl_object')`, with the methods of Node's TLSSocket. */
export class SslObject {
  readonly #socket: TLSSocket;
  /** Of a connection that is over. */
  #past: {
    session: Buffer | undefined;
    isReused: boolean;
    protocol: string | null;
    cipher: CipherNameAndProtocol;
  } | null = null;
  /** Whether this is the server's side. */
  readonly serverSide: boolean;

  /** @internal */
  constructor(socket: TLSSocket, serverSide: boolean) {
    this.#socket = socket;
    this.serverSide = serverSide;
  }

  /** The protocol that ALPN chose, or false when none was. */
  get alpnProtocol(): string | false {
    return this.#socket.alpnProtocol ?? false;
  }

  /** The name that the client asked for, or false. */
  get servername(): string | false {
    return (this.#socket as { servername?: string | false | null }).servername ?? false;
  }

  /** Whether the peer has shown a certificate that one of our authorities vouches for. */
  get authorized(): boolean {
    return this.#socket.authorized;
  }

  /** Why not: a code such as 'DEPTH_ZERO_SELF_SIGNED_CERT', or null. */
  get authorizationError(): string | null {
    const error: unknown = this.#socket.authorizationError;
    return error instanceof Error ? error.message : ((error as string | null | undefined) ?? null);
  }

  /** As of tls.TLSSocket. */
  getCipher(): CipherNameAndProtocol {
    return this.#past?.cipher ?? this.#socket.getCipher();
  }

  /** 'TLSv1.3' and its like. */
  getProtocol(): string | null {
    return this.#past?.protocol ?? this.#socket.getProtocol();
  }

  /** The peer's certificate, while there is a connection, with `detailed` the whole chain; empty when it has shown none. */
  getPeerCertificate(detailed: true): DetailedPeerCertificate;
  getPeerCertificate(detailed?: false): PeerCertificate;
  getPeerCertificate(detailed = false): PeerCertificate {
    return this.#socket.getPeerCertificate(detailed);
  }

  /** As of tls.TLSSocket. */
  getPeerX509Certificate(): X509Certificate | undefined {
    return this.#socket.getPeerX509Certificate();
  }

  /** Our own certificate; empty when there is none. */
  getCertificate(): PeerCertificate | object | null {
    return this.#socket.getCertificate();
  }

  /**
   * The session, for `ssl: { session }` of a later connection. A server of TLS 1.3 sends what can be resumed only after
   * the handshake, so ask for it once something has been received.
   */
  getSession(): Buffer | undefined {
    return this.#past?.session ?? this.#socket.getSession();
  }

  /** As of tls.TLSSocket. */
  isSessionReused(): boolean {
    return this.#past?.isReused ?? this.#socket.isSessionReused();
  }

  /** Keys for a protocol on top, as RFC 5705 has them. */
  exportKeyingMaterial(length: number, label: string, context?: Buffer): Buffer {
    return this.#socket.exportKeyingMaterial(length, label, context as Buffer);
  }

  /** The connection ends: keeps what may be asked later, since Node forgets it. @internal */
  _keep(): void {
    this.#past ??= {
      // Only whoever connects can use it.
      session: this.serverSide ? undefined : this.getSession(),
      isReused: this.isSessionReused(),
      protocol: this.getProtocol(),
      cipher: this.getCipher(),
    };
  }

  /** What is said under asyncio's names of a connection's extra info. @internal */
  _extra(name: string): unknown {
    switch (name) {
      case 'sslObject':
      case 'ssl_object':
        return this;
      case 'cipher':
        return this.getCipher();
      case 'peercert':
        return this.getPeerCertificate();
      // OpenSSL compresses nothing since CRIME.
      case 'compression':
        return null;
      case 'alpnProtocol':
        return this.alpnProtocol;
      default:
        return undefined;
    }
  }
}
