/*
 * The reply half of RESP2. Replies are gathered as one latin1 string (one character for one byte:
 * V8 joins such strings for next to nothing) and become bytes once per flush; a big value goes out
 * as the Buffer that it is, uncopied. Invariant: flush() gives every reply's bytes, in order.
 */

import type { Integer } from './integers.js';

/** Past this, the text becomes a Buffer at once: long strings are dear to flatten. */
const TEXT_LIMIT = 64 * 1024;

const NO_PARTS: readonly Buffer[] = [];

export class ReplyWriter {
  private text = '';
  private parts: Buffer[] = [];

  /** `+text`: a status. It must hold no line break. */
  status(text: string): void {
    this.append(`+${text}\r\n`);
  }

  /** `-text`: an error. Line breaks in it become blanks, as in Redis. */
  error(text: string): void {
    this.append(`-${text.replace(/[\r\n]/g, ' ')}\r\n`);
  }

  integer(value: Integer): void {
    this.append(`:${value}\r\n`);
  }

  /** A string of bytes, or the null that stands for a missing one. */
  bulk(value: string | Buffer | undefined): void {
    if (value === undefined) {
      this.append('$-1\r\n');
    } else if (typeof value === 'string') {
      this.append(`$${value.length}\r\n${value}\r\n`);
    } else {
      this.text += `$${value.length}\r\n`;
      this.seal();
      this.parts.push(value);
      this.text = '\r\n';
    }
  }

  /** Announces an array; its elements are the next `length` replies. */
  array(length: number): void {
    this.append(`*${length}\r\n`);
  }

  /** An array of strings. */
  bulks(values: readonly string[]): void {
    this.array(values.length);
    for (const value of values) {
      this.bulk(value);
    }
  }

  /** Everything since the last flush, in as few Buffers as possible. */
  flush(): readonly Buffer[] {
    if (this.text !== '') {
      this.seal();
    }
    if (this.parts.length === 0) {
      return NO_PARTS;
    }
    const parts = this.parts;
    this.parts = [];
    return parts;
  }

  private append(text: string): void {
    this.text += text;
    if (this.text.length > TEXT_LIMIT) {
      this.seal();
    }
  }

  private seal(): void {
    this.parts.push(Buffer.from(this.text, 'latin1'));
    this.text = '';
  }
}
