/**
 * From a StreamReader to a web stream of bytes: reader.toWeb().
 *
 * Nothing is read ahead: what the web stream's reader has not asked for stays in the StreamReader, which keeps its
 * limit. A web stream takes the memory of what it is given away from everybody else, hence the copy.
 */

import type { ReadableStream as WebStream } from 'node:stream/web';
import type { Future } from '../core/futures.js';

/** What the web stream reads from. */
interface ByteReader {
  read(size: number): Future<Buffer>;
}

const CHUNK_SIZE = 64 * 1024;

export function webStreamOf(reader: ByteReader): WebStream<Uint8Array> {
  let reading: Future<Buffer> | null = null;
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const request = controller.byobRequest as ByobRequest | undefined;
      const view = request?.view ?? null;
      reading = reader.read(view?.byteLength ?? CHUNK_SIZE);
      const data = await reading;
      reading = null;
      if (data.length === 0) {
        controller.close();
        request?.respond(0);
      } else if (view === null || request === undefined) {
        controller.enqueue(new Uint8Array(data));
      } else {
        new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(data);
        request.respond(data.length);
      }
    },
    // The bytes that it would have got stay in the reader.
    cancel() {
      reading?.cancel();
    },
  });
}

interface ByobRequest {
  readonly view: ArrayBufferView | null;
  respond(bytesWritten: number): void;
}
