/*
 * The request half of RESP2, read incrementally: push bytes as they arrive, however they are split,
 * and step through the whole requests with next(). The parser is also the view of the current
 * request: arguments are offsets into the bytes received, and become a string or a Buffer only when
 * a command asks. Invariants: a bulk's bytes are never searched, and copied only if its request came
 * in pieces, then an amortised constant number of times; no chunk is held on to once next() is false.
 */

import { constants } from 'node:buffer';
import { splitLine } from './inline.js';
import { parseInteger } from './integers.js';

export const MAXIMUM_ARGUMENTS = 1024 * 1024;
export const MAXIMUM_BULK_LENGTH = 512 * 1024 * 1024;
/** A line (an inline request, or a length) that is longer than this is an attack or a mistake. */
export const MAXIMUM_LINE_LENGTH = 64 * 1024;
/** Up to this many bytes an argument is best had as text: it is compact and costs one allocation. */
export const LONGEST_TEXT = 4096;
/** What one connection may have waiting in an incomplete request. */
export const MAXIMUM_PENDING = 1024 * 1024 * 1024;

const STAR = 0x2a;
const DOLLAR = 0x24;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

const INCOMPLETE = -1;
const NOTHING = Buffer.alloc(0);
const SMALLEST_PENDING = 1024;
/** Offsets are kept from request to request, but not after one of extraordinary size. */
const OFFSETS_KEPT = 4096;

/** The client broke the protocol. The connection cannot be read any further. */
export class ProtocolError extends Error {
  override name = 'ProtocolError';
}

/** A request's arguments, the command's name first. Valid until the parser's next step. */
export interface Request {
  readonly length: number;
  /** The argument as text, one character for one byte. It may be kept. */
  text(index: number): string;
  /** The argument's bytes where they lie: copy what is to be kept. */
  bytes(index: number): Buffer;
  /** Its text if it is short, else its bytes where they lie. */
  value(index: number): string | Buffer;
  size(index: number): number;
  /** A name of up to six letters, folded and packed by `packName`; else -1. */
  packedName(): number;
}

/** Packs up to six letters, of either case, into one small integer; -1 for any other bytes. */
export function packName(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 6) {
    return -1;
  }
  let packed = 0;
  for (let at = start; at < end; at++) {
    const letter = ((bytes[at] as number) | 0x20) - 0x60;
    if (letter < 1 || letter > 26) {
      return -1;
    }
    packed = (packed << 5) | letter;
  }
  return packed;
}

export class RequestParser implements Request {
  length = 0;
  /** What the offsets below refer to. */
  private view: Buffer = NOTHING;
  private offsets: number[] = [];

  private buffer: Buffer = NOTHING;
  private end = 0;
  /** The next byte to look at. */
  private position = 0;
  /** Where the request that is being read began. */
  private start = 0;
  /** The buffer is the parser's own and not a chunk: more can be appended. */
  private owned = false;
  /** Arguments that the request being read announced, 0 between requests. */
  private announced = 0;
  /** Length of the bulk whose header was read, -1 if a header comes next. */
  private bulkLength = -1;

  /** Takes the next bytes from the connection. Call next() until it is false before the next push. */
  push(chunk: Buffer): void {
    if (this.end === 0) {
      this.buffer = chunk;
      this.end = chunk.length;
      this.owned = false;
      return;
    }
    const end = this.end + chunk.length;
    if (end > MAXIMUM_PENDING) {
      throw new ProtocolError('too big request');
    }
    if (end > this.buffer.length) {
      this.move(Math.min(Math.max(end, 2 * this.buffer.length), MAXIMUM_PENDING));
    }
    chunk.copy(this.buffer, this.end);
    this.end = end;
  }

  /** Steps to the next whole request; false when the bytes received hold none. */
  next(): boolean {
    for (;;) {
      if (this.announced === 0) {
        this.length = 0;
        this.start = this.position;
        if (this.position === this.end) {
          this.forget();
          return false;
        }
        if (this.buffer[this.position] !== STAR) {
          if (!this.readInline()) {
            return this.wait();
          }
          if (this.length > 0) {
            return true;
          }
          continue;
        }
        const count = this.readLength('multibulk', 'mbulk', MAXIMUM_ARGUMENTS);
        if (count === INCOMPLETE) {
          return this.wait();
        }
        this.announced = count;
        continue;
      }
      if (!this.readBulks()) {
        return this.wait();
      }
      this.announced = 0;
      return true;
    }
  }

  text(index: number): string {
    // V8's longest string is a little shorter than the longest bulk.
    if (this.size(index) > constants.MAX_STRING_LENGTH) {
      throw new ProtocolError('too long an argument');
    }
    return this.view.toString('latin1', this.offsets[2 * index], this.offsets[2 * index + 1]);
  }

  bytes(index: number): Buffer {
    return this.view.subarray(this.offsets[2 * index], this.offsets[2 * index + 1]);
  }

  value(index: number): string | Buffer {
    return this.size(index) <= LONGEST_TEXT ? this.text(index) : this.bytes(index);
  }

  size(index: number): number {
    return (this.offsets[2 * index + 1] as number) - (this.offsets[2 * index] as number);
  }

  packedName(): number {
    return packName(this.view, this.offsets[0] as number, this.offsets[1] as number);
  }

  private readBulks(): boolean {
    const { buffer, end, offsets } = this;
    while (this.length < this.announced) {
      let length = this.bulkLength;
      if (length < 0) {
        if (this.position === end) {
          return false;
        }
        if (buffer[this.position] !== DOLLAR) {
          const found = String.fromCharCode(buffer[this.position] as number);
          throw new ProtocolError(`expected '$', got '${found}'`);
        }
        length = this.readLength('bulk', 'bulk', MAXIMUM_BULK_LENGTH);
        if (length === INCOMPLETE) {
          return false;
        }
        this.bulkLength = length;
      }
      const start = this.position;
      // Like Redis, the two bytes that end a bulk are passed over and not looked at.
      if (end - start < length + 2) {
        return false;
      }
      offsets[2 * this.length] = start;
      offsets[2 * this.length + 1] = start + length;
      this.length++;
      this.bulkLength = -1;
      this.position = start + length + 2;
    }
    this.view = buffer;
    return true;
  }

  /** Reads a header line's number, `INCOMPLETE` if the line has not all arrived. */
  private readLength(what: string, count: string, maximum: number): number {
    const { buffer, end } = this;
    const first = this.position + 1;
    let at = first;
    let value = 0;
    for (; at < end; at++) {
      const digit = (buffer[at] as number) - 0x30;
      if (digit < 0 || digit > 9) {
        break;
      }
      value = value * 10 + digit;
    }
    const plain = at > first && at - first < 10 && (buffer[first] !== 0x30 || at - first === 1);
    if (plain && at + 1 < end && buffer[at] === CARRIAGE_RETURN && value <= maximum) {
      this.position = at + 2;
      return value;
    }
    return this.readOddLength(what, count, maximum);
  }

  /** What is left: lines cut short, negative numbers, and errors. */
  private readOddLength(what: string, count: string, maximum: number): number {
    const line = this.buffer.subarray(this.position + 1, this.end);
    const length = line.indexOf(CARRIAGE_RETURN);
    if (length === -1 && line.length >= MAXIMUM_LINE_LENGTH) {
      throw new ProtocolError(`too big ${count} count string`);
    }
    if (length === -1 || length + 1 >= line.length) {
      return INCOMPLETE;
    }
    const value = parseInteger(line.toString('latin1', 0, length));
    // A request of minus one argument is an empty one; a bulk of minus one byte is an error.
    if (value === undefined || value > maximum || (value < 0 && what === 'bulk')) {
      throw new ProtocolError(`invalid ${what} length`);
    }
    this.position += length + 3;
    return Math.max(0, Number(value));
  }

  private readInline(): boolean {
    const rest = this.buffer.subarray(this.position, this.end);
    const length = rest.indexOf(LINE_FEED);
    if (length === -1) {
      if (rest.length > MAXIMUM_LINE_LENGTH) {
        throw new ProtocolError('too big inline request');
      }
      return false;
    }
    const ending = length > 0 && rest[length - 1] === CARRIAGE_RETURN ? length - 1 : length;
    const words = splitLine(rest.toString('latin1', 0, ending));
    if (words === undefined) {
      throw new ProtocolError('unbalanced quotes in request');
    }
    // Quotes and escapes are gone from the words, so they get bytes of their own to be offsets into.
    this.view = Buffer.from(words.join(''), 'latin1');
    let at = 0;
    for (const word of words) {
      this.offsets[2 * this.length] = at;
      at += word.length;
      this.offsets[2 * this.length + 1] = at;
      this.length++;
    }
    this.position += length + 1;
    return true;
  }

  /** Keeps the incomplete request's bytes, in memory of the parser's own. */
  private wait(): false {
    this.view = NOTHING;
    if (!this.owned || this.start > 0) {
      this.move(Math.max(this.end - this.start, SMALLEST_PENDING));
    }
    return false;
  }

  /** Moves the request being read to the front of a new buffer. */
  private move(capacity: number): void {
    const moved = Buffer.allocUnsafeSlow(capacity);
    this.buffer.copy(moved, 0, this.start, this.end);
    if (this.start > 0) {
      for (let index = 0; index < 2 * this.length; index++) {
        this.offsets[index] = (this.offsets[index] as number) - this.start;
      }
    }
    this.buffer = moved;
    this.owned = true;
    this.end -= this.start;
    this.position -= this.start;
    this.start = 0;
  }

  private forget(): void {
    this.buffer = NOTHING;
    this.view = NOTHING;
    this.owned = false;
    this.end = this.position = this.start = 0;
    if (this.offsets.length > OFFSETS_KEPT) {
      this.offsets = [];
    }
  }
}
