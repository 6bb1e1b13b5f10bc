/**
 * Bytes in the order in which they came: the buffer of a StreamReader.
 *
 * A queue of chunks, held by reference. Bytes are copied only where a request spans chunks, and where small
 * chunks pile up, so that a sender of single bytes cannot make a chunk of each. Positions count from the first
 * byte of the queue. Invariant: memory that was handed out is never written to again.
 */

// Behind other chunks, one below this size is gathered with its neighbours …
const SMALL_CHUNK = 1024;
// … in memory of this size.
const GATHERING_SIZE = 4096;
// From this size on a chunk is worth a call of its own.
const LARGE_CHUNK = 16 * 1024;

export class ByteQueue {
  #chunks: Buffer[] = [];
  /** Bytes of the first chunk that have been taken. */
  #offset = 0;
  #length = 0;
  /** What the last chunk is the beginning of, if that is memory of our own. */
  #gathering: Buffer | null = null;

  get length(): number {
    return this.#length;
  }

  push(chunk: Buffer): void {
    this.#length += chunk.length;
    if (chunk.length < SMALL_CHUNK && this.#chunks.length > 0) {
      this.#gather(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#gathering = null;
  }

  /** Removes and returns the first `size` bytes, of which there must be as many, and one at least. */
  take(size: number): Buffer {
    const chunk = this.#chunks[0] as Buffer;
    const start = this.#offset;
    const end = start + size;
    if (end > chunk.length) return this.#takeJoined(size);
    this.#length -= size;
    if (end < chunk.length) {
      this.#offset = end;
      return chunk.subarray(start, end);
    }
    this.#dropFirst();
    return start === 0 ? chunk : chunk.subarray(start);
  }

  /**
   * Removes and returns up to `size` bytes, of which there must be one at least: fewer than there are where the first
   * chunk is large, so that it need not be copied to be joined to the next.
   */
  takeSome(size: number): Buffer {
    const first = (this.#chunks[0] as Buffer).length - this.#offset;
    return this.take(Math.min(size, first < LARGE_CHUNK ? this.#length : first));
  }

  /** Removes and returns everything. */
  takeAll(): Buffer {
    return this.#length === 0 ? Buffer.alloc(0) : this.take(this.#length);
  }

  /** Where `bytes` begin for the first time, not before `from`; -1 when nowhere. */
  indexOf(bytes: Uint8Array, from: number): number {
    // Looking for one byte is many times faster.
    const wanted = bytes.length === 1 ? (bytes[0] as number) : bytes;
    const overlap = bytes.length - 1;
    let begin = -this.#offset;
    for (const chunk of this.#chunks) {
      const end = begin + chunk.length;
      if (from < end) {
        const found = chunk.indexOf(wanted, Math.max(from - begin, 0));
        if (found !== -1) return begin + found;
        if (overlap > 0 && end < this.#length) {
          const across = this.#copy(Math.max(from, begin, end - overlap), end + overlap);
          const position = across.bytes.indexOf(bytes);
          if (position !== -1) return across.start + position;
        }
      }
      begin = end;
    }
    return -1;
  }

  /** Whether `bytes` are what is at `position`. */
  hasAt(bytes: Uint8Array, position: number): boolean {
    return this.#copy(position, position + bytes.length).bytes.equals(bytes);
  }

  /** Drops the first `size` bytes. */
  skip(size: number): void {
    let left = size;
    this.#length -= size;
    while (left > 0) {
      const available = (this.#chunks[0] as Buffer).length - this.#offset;
      if (left < available) {
        this.#offset += left;
        return;
      }
      left -= available;
      this.#dropFirst();
    }
  }

  clear(): void {
    this.skip(this.#length);
  }

  #takeJoined(size: number): Buffer {
    const { bytes } = this.#copy(0, size);
    this.skip(size);
    return bytes;
  }

  /** What is between two positions, as far as there is any. */
  #copy(start: number, end: number): { start: number; bytes: Buffer } {
    const bytes = Buffer.allocUnsafe(Math.max(Math.min(end, this.#length) - start, 0));
    let begin = -this.#offset;
    let filled = 0;
    for (const chunk of this.#chunks) {
      if (filled === bytes.length) break;
      const from = start + filled - begin;
      if (from < chunk.length) filled += chunk.copy(bytes, filled, from);
      begin += chunk.length;
    }
    return { start, bytes };
  }

  /** Adds a small chunk to the last one. */
  #gather(chunk: Buffer): void {
    const last = this.#chunks.length - 1;
    const filled = (this.#chunks[last] as Buffer).length;
    if (this.#gathering !== null && filled + chunk.length <= this.#gathering.length) {
      this.#gathering.set(chunk, filled);
      this.#chunks[last] = this.#gathering.subarray(0, filled + chunk.length);
      return;
    }
    this.#gathering = Buffer.allocUnsafeSlow(GATHERING_SIZE);
    this.#gathering.set(chunk);
    this.#chunks.push(this.#gathering.subarray(0, chunk.length));
  }

  #dropFirst(): void {
    this.#chunks.shift();
    this.#offset = 0;
    if (this.#chunks.length === 0) this.#gathering = null;
  }
}
