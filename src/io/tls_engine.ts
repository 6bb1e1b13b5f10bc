/**
 * What moves the bytes of one TLS connection after its handshake.
 *
 * There are two: OpenSSL itself, through the addon, which costs half of Node's streams or less; and Node's
 * TLSSocket, wherever the first is not to be had. Invariant: bytes keep their order, and memory that a
 * sink is given for sending is the engine's again when the call returns.
 */

import type { TLSSocket } from 'node:tls';
import {
  TLS_ENDED,
  TLS_FAILED,
  TLS_OUTCOME,
  TLS_OUTGOING,
  TLS_OUTPUT_FULL,
  TLS_SIZE_UNIT,
  type TlsWrap,
} from '../binding/tls_contract.js';

/** Where an engine's bytes go. */
export interface TlsSink {
  /** Decrypted bytes, the sink's to keep. */
  _plaintext(bytes: Buffer): void;
  /** The first `size` bytes are for the peer. */
  _ciphertext(bytes: Uint8Array, size: number): void;
  /** The peer has said that it sends no more. */
  _ended(): void;
  _failed(error: Error): void;
  /** What could not be sent at once has gone to _ciphertext(). */
  _caughtUp(): void;
}

export interface TlsEngine {
  /** Bytes that were written and have not gone to _ciphertext() yet. */
  readonly backlog: number;
  /** Encrypted bytes from the peer; their memory is the engine's. */
  receive(bytes: Buffer): void;
  /** Encrypts the first `size` bytes; their memory is the caller's again. */
  send(bytes: Uint8Array, size: number): void;
  /** Tells the peer that nothing more is sent; calls back when that has gone to _ciphertext(). */
  shutdown(done: () => void): void;
}

// What is encrypted in one go, and space for that with what the encryption adds, even to small records.
const ENCRYPTED_AT_ONCE = 64 * 1024;
const outgoing = Buffer.allocUnsafeSlow(ENCRYPTED_AT_ONCE + 8 * 1024);
// One record's worth, and what its memory is cut from.
const RECORD = 16 * 1024;
const SPARE = 8 * RECORD;
let spare = Buffer.alloc(0);

/** OpenSSL. */
export class OpenSslEngine implements TlsEngine {
  readonly backlog = 0;
  readonly #wrap: TlsWrap;
  readonly #sink: TlsSink;

  constructor(wrap: TlsWrap, sink: TlsSink) {
    this.#wrap = wrap;
    this.#sink = sink;
  }

  receive(bytes: Buffer): void {
    let space = bytes;
    let result = this.#wrap.decrypt(bytes);
    for (;;) {
      if (result < 0) break;
      const size = Math.floor(result / TLS_SIZE_UNIT);
      if ((result & TLS_OUTGOING) !== 0) this.#send(this.#wrap.take(outgoing));
      if (size > 0) this.#sink._plaintext(size === space.length ? space : space.subarray(0, size));
      const outcome = result & TLS_OUTCOME;
      if (outcome === TLS_ENDED) this.#sink._ended();
      else if (outcome === TLS_FAILED) break;
      if (outcome !== TLS_OUTPUT_FULL) return;
      // The end of a record that began in an earlier read.
      if (spare.length < RECORD) spare = Buffer.allocUnsafeSlow(SPARE);
      space = spare;
      result = this.#wrap.read(space);
      if (result > 0) spare = spare.subarray(Math.floor(result / TLS_SIZE_UNIT));
    }
    this.#fail();
  }

  send(bytes: Uint8Array, size: number): void {
    if (size <= ENCRYPTED_AT_ONCE) {
      this.#send(this.#wrap.encrypt(bytes, size, outgoing));
      return;
    }
    for (let offset = 0; offset < size; offset += ENCRYPTED_AT_ONCE) {
      const part = bytes.subarray(offset, Math.min(size, offset + ENCRYPTED_AT_ONCE));
      this.#send(this.#wrap.encrypt(part, part.byteLength, outgoing));
    }
  }

  shutdown(done: () => void): void {
    this.#send(this.#wrap.shutdown(outgoing));
    done();
  }

  /** Sends what is in `outgoing`, and what did not fit there. */
  #send(first: number): void {
    let result = first;
    while (result >= 0 && (result & TLS_OUTCOME) !== TLS_FAILED) {
      const size = Math.floor(result / TLS_SIZE_UNIT);
      if (size > 0) this.#sink._ciphertext(outgoing, size);
      if ((result & TLS_OUTGOING) === 0) return;
      result = this.#wrap.take(outgoing);
    }
    this.#fail();
  }

  #fail(): void {
    this.#sink._failed(opensslError(this.#wrap.getError()));
  }
}

/** As Node makes it of OpenSSL's 'error:<number>:<library>::<reason>'. */
function opensslError(words: string): Error {
  const [, , library = '', , reason = ''] = words.split(':');
  if (reason === '') return new Error('The TLS connection was destroyed');
  const code = `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`;
  return Object.assign(new Error(words), { library, reason, code });
}

/** Node's TLSSocket, which goes on as it has begun. */
export class SocketEngine implements TlsEngine {
  readonly #socket: TLSSocket;
  readonly #push: (bytes: Buffer) => void;
  readonly #tell: (call: () => void) => void;
  readonly #caughtUp: () => void;

  /**
   * @param push takes encrypted bytes to the socket
   * @param tell calls in the loop
   */
  constructor(
    socket: TLSSocket,
    push: (bytes: Buffer) => void,
    tell: (call: () => void) => void,
    sink: TlsSink,
  ) {
    this.#socket = socket;
    this.#push = push;
    this.#tell = tell;
    this.#caughtUp = () => tell(() => sink._caughtUp());
  }

  get backlog(): number {
    return this.#socket.writableLength;
  }

  receive(bytes: Buffer): void {
    this.#push(bytes);
  }

  send(bytes: Uint8Array, size: number): void {
    this.#socket.write(Buffer.from(bytes.subarray(0, size)), this.#caughtUp);
  }

  shutdown(done: () => void): void {
    this.#socket.end(() => this.#tell(done));
  }
}
