/**
 * The errors of queues: asyncio.QueueEmpty, QueueFull and QueueShutDown. As in asyncio they have no message.
 */

/** getNowait() on a queue without items: asyncio.QueueEmpty. */
export class QueueEmpty extends Error {
  static {
    QueueEmpty.prototype.name = 'QueueEmpty';
  }
}

/** putNowait() on a queue without a free place: asyncio.QueueFull. */
export class QueueFull extends Error {
  static {
    QueueFull.prototype.name = 'QueueFull';
  }
}

/** Putting on, or getting from, a queue that was shut down: asyncio.QueueShutDown. */
export class QueueShutDown extends Error {
  static {
    QueueShutDown.prototype.name = 'QueueShutDown';
  }
}
