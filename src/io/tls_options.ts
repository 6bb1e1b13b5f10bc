/**
 * What a program says about TLS: the `ssl`, `serverHostname` and timeouts of asyncio's functions.
 *
 * Keys, certificates and ciphers are checked, and made into a SecureContext, before anything is opened. A
 * context stands for asyncio's SSLContext; options as Node's tls takes them serve as well.
 */

import type { ConnectionOptions, SecureContext, SecureContextOptions, TlsOptions } from 'node:tls';
import {
  checkNoZero,
  checkNumber,
  checkOptions,
  rangeError,
  typeError,
  valueError,
} from '../util/check.js';
import { isIP } from '../util/is_ip.js';

/** Time limits of TLS. */
export interface SslTimeouts {
  /** Milliseconds that the handshake may take; 60,000 by default. */
  sslHandshakeTimeout?: number | undefined;
  /** Milliseconds to wait for the peer to close its side too; 30,000 by default. */
  sslShutdownTimeout?: number | undefined;
}

/** TLS of whoever connects. */
export interface ClientSslOptions extends SslTimeouts {
  /** True for the defaults, a SecureContext, or options as tls.connect() takes them. */
  ssl?: boolean | SecureContext | ConnectionOptions | null | undefined;
  /** The name that the server's certificate must have: by default the host; '' for none at all. */
  serverHostname?: string | undefined;
}

/** TLS of a server. */
export interface ServerSslOptions extends SslTimeouts {
  /** A SecureContext, or options as tls.createServer() takes them. */
  ssl?: SecureContext | TlsOptions | null | undefined;
}

/** Options of startTls(). */
export interface StartTlsOptions extends SslTimeouts {
  /** Whether this is the server's side. */
  serverSide?: boolean | undefined;
  /** The name that the server's certificate must have; '' for none at all. */
  serverHostname?: string | undefined;
}

/** What startTls() takes for a context. */
export type SslContext = SecureContext | ConnectionOptions | TlsOptions;

/** All that a connection's TLS needs to begin. */
export interface TlsSettings {
  readonly serverSide: boolean;
  readonly context: SecureContext;
  /** For Node's tls.connect(), or the constructor of its TLSSocket. */
  readonly options: ConnectionOptions | TlsOptions;
  readonly handshakeTimeout: number;
  readonly shutdownTimeout: number;
}

const HANDSHAKE_TIMEOUT = 60_000; // ms
const SHUTDOWN_TIMEOUT = 30_000; // ms

/**
 * The settings of a client, or null without `ssl`.
 *
 * @param host the default of `serverHostname`; null when there is none
 * @throws TypeError or RangeError, or what Node throws of a bad key or certificate
 */
export function clientSettings(
  options: ClientSslOptions | undefined,
  host: unknown,
): TlsSettings | null {
  checkOptions(options);
  const ssl = options?.ssl ?? false;
  if (ssl === false) {
    refuseWithoutSsl(options, ['serverHostname', 'sslHandshakeTimeout', 'sslShutdownTimeout']);
    return null;
  }
  if (ssl !== true) checkContext('ssl', 'true, a SecureContext or an object of options', ssl);
  return settingsOfClient(ssl === true ? {} : ssl, options, host);
}

/** The settings of a server, or null without `ssl`; as clientSettings(). */
export function serverSettings(options: ServerSslOptions | undefined): TlsSettings | null {
  checkOptions(options);
  const ssl = options?.ssl ?? null;
  if (ssl === null) {
    refuseWithoutSsl(options, ['sslHandshakeTimeout', 'sslShutdownTimeout']);
    return null;
  }
  checkContext('ssl', 'a SecureContext, an object of options or null', ssl);
  return settingsOfServer(ssl, options);
}

/** The settings for startTls(); as clientSettings(). */
export function startTlsSettings(
  sslcontext: SslContext,
  options: StartTlsOptions | undefined,
): TlsSettings {
  checkContext('sslcontext', 'a SecureContext or an object of options', sslcontext);
  checkOptions(options);
  const serverSide: unknown = options?.serverSide ?? false;
  if (typeof serverSide !== 'boolean') throw typeError('serverSide', 'a boolean', serverSide);
  if (serverSide) return settingsOfServer(sslcontext as SecureContext | TlsOptions, options);
  return settingsOfClient(sslcontext as SecureContext | ConnectionOptions, options, null);
}

function settingsOfClient(
  ssl: SecureContext | ConnectionOptions,
  options: StartTlsOptions | undefined,
  host: unknown,
): TlsSettings {
  const given: ConnectionOptions = isContext(ssl) ? {} : ssl;
  const name: unknown = options?.serverHostname ?? given.servername ?? (host || undefined);
  if (name === undefined) {
    throw valueError('You must set serverHostname when using ssl without a host');
  }
  if (typeof name !== 'string') throw typeError('serverHostname', 'a string', name);
  checkNoZero('serverHostname', name);
  const context = contextOf(ssl, {});
  // An address is checked against the certificate, and is no name that could be sent.
  const known: ConnectionOptions = { servername: isIP(name) === 0 ? name : '', host: name };
  if (name === '') known.checkServerIdentity = given.checkServerIdentity ?? (() => undefined);
  return { serverSide: false, context, options: { ...given, ...known }, ...timeouts(options) };
}

function settingsOfServer(
  ssl: SecureContext | TlsOptions,
  options: SslTimeouts | undefined,
): TlsSettings {
  const given: TlsOptions = isContext(ssl) ? {} : ssl;
  // The defaults of tls.createServer().
  const context = contextOf(ssl, { honorCipherOrder: true, sessionIdContext: sessionIdContext() });
  const checked = {
    ...given,
    requestCert: given.requestCert === true,
    rejectUnauthorized: given.rejectUnauthorized !== false,
  };
  return { serverSide: true, context, options: checked, ...timeouts(options) };
}

// Not imported: only a program with TLS shall load it.
const nodeTls = () => process.getBuiltinModule('node:tls');

function isContext(value: unknown): value is SecureContext {
  return value instanceof (nodeTls() as unknown as { SecureContext: typeof Object }).SecureContext;
}

function checkContext(argument: string, expected: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw typeError(argument, expected, value);
}

function contextOf(
  ssl: SecureContext | ConnectionOptions | TlsOptions,
  defaults: SecureContextOptions,
): SecureContext {
  if (isContext(ssl)) return ssl;
  const { secureContext } = ssl as ConnectionOptions;
  if (secureContext === undefined) return nodeTls().createSecureContext({ ...defaults, ...ssl });
  if (!isContext(secureContext)) {
    throw typeError('ssl.secureContext', 'a SecureContext', secureContext);
  }
  return secureContext;
}

// Sessions of one program are of no use to another.
let ownSessions: string | undefined;

function sessionIdContext(): string {
  if (ownSessions === undefined) {
    const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
    ownSessions = hash.update(process.argv.join(' ')).digest('hex').slice(0, 32);
  }
  return ownSessions;
}

function timeouts(options: SslTimeouts | undefined) {
  return {
    handshakeTimeout: duration('sslHandshakeTimeout', options, HANDSHAKE_TIMEOUT),
    shutdownTimeout: duration('sslShutdownTimeout', options, SHUTDOWN_TIMEOUT),
  };
}

function duration(
  name: keyof SslTimeouts,
  options: SslTimeouts | undefined,
  usual: number,
): number {
  const value = options?.[name];
  if (value === undefined) return usual;
  checkNumber(name, value);
  if (value <= 0) throw rangeError(name, 'a positive number', value);
  return value;
}

function refuseWithoutSsl(
  options: SslTimeouts | undefined,
  names: readonly (keyof StartTlsOptions)[],
): void {
  for (const name of names) {
    const value = (options as StartTlsOptions | undefined)?.[name];
    if (value !== undefined) throw valueError(`${name} is only meaningful with ssl`);
  }
}
