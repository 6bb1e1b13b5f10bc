/**
 * Two Sockets that are connected to each other, and a socket that takes no more.
 */

import { type EventLoop, Socket } from 'uvio';
import { UV_EAGAIN } from '../../src/util/system_error.js';

/** Runs `body` with both ends of a connection over TCP, which are closed. */
export async function withPair<T>(
  loop: EventLoop,
  body: (near: Socket, far: Socket) => Promise<T>,
): Promise<T> {
  using listener = new Socket();
  listener.bind(['127.0.0.1', 0]);
  listener.listen();
  using near = new Socket();
  await loop.sockConnect(near, listener.getsockname());
  const [far] = await loop.sockAccept(listener);
  using _ = far;
  return await body(near, far);
}

/** Sends blanks until the kernel takes no more, not even a byte. @returns how many */
export function fill(socket: Socket): number {
  let sent = 0;
  for (let size = 64 * 1024; size > 0; size = Math.floor(size / 2)) {
    const blanks = Buffer.alloc(size, ' ');
    for (;;) {
      const count = socket._wrap.send(blanks, 0);
      if (count === UV_EAGAIN) break;
      if (count < 0) throw new Error(`send: ${count}`);
      sent += count;
    }
  }
  return sent;
}
