/**
 * The native surface of TLS: what native/wraps/tls_wrap registers, where the host's OpenSSL allows it.
 *
 * Node makes the handshake; from its end on a TlsWrap encrypts and decrypts for the same connection.
 * A result is one number: `bytes * TLS_SIZE_UNIT`, plus TLS_OUTGOING, plus an outcome (TlsSession::Outcome
 * in openssl.h); -1 when Node has freed the connection.
 */

export const TLS_WANTS_INPUT = 0;
/** There may be more: the space was filled. */
export const TLS_OUTPUT_FULL = 1;
/** The peer has said that it sends no more. */
export const TLS_ENDED = 2;
/** See getError(). */
export const TLS_FAILED = 3;
export const TLS_OUTCOME = 3;
/** Encrypted bytes wait for take(). */
export const TLS_OUTGOING = 4;
export const TLS_SIZE_UNIT = 8;

export interface TlsWrap {
  /** Between these two the thread makes the one connection that the wrap is for. */
  beginCapture(): void;
  /** False when it made none, or several: the wrap is of no use then. */
  endCapture(): boolean;
  /** How many encrypted bytes wait to be sent. */
  pending(): number;
  /** Node will not touch the connection any more; handshakes after the first are refused. */
  takeOver(): number;
  /** Encrypted bytes that came; decrypts them into their own memory, as far as it goes. */
  decrypt(bytes: Uint8Array): number;
  /** Decrypts more of what came. */
  read(space: Uint8Array): number;
  /** Encrypts the first `size` bytes; the result counts the encrypted ones in `space`. */
  encrypt(bytes: Uint8Array, size: number, space: Uint8Array): number;
  take(space: Uint8Array): number;
  /** Says that nothing more is sent, and does as take(). */
  shutdown(space: Uint8Array): number;
  /** OpenSSL's words for what failed, as 'error:0A00010B:SSL routines::wrong version number'. */
  getError(): string;
}
