/**
 * ResourceWarnings for what was not closed: asyncio's `unclosed transport` and `unclosed event loop`.
 *
 * An open handle holds its transport, and a loop itself, so that the collector never gets at them; asyncio's
 * destructors are therefore the closing of the loop and the end of the process.
 */

import { creationOf, formatCreation, noteCreation } from '../core/creation.js';
import { StreamTransport } from '../io/stream_transport.js';
import type { DatagramTransport } from '../io/transports.js';
import type { EventLoop } from './event_loop.js';

/** Warns of the transports that `loop`, which is about to close, has open. */
export function warnOfTransports(loop: EventLoop): void {
  for (const [, owner] of loop._reactor.wrap.handles()) {
    const isTransport = owner instanceof StreamTransport || isDatagramTransport(owner);
    if (isTransport && !owner.isClosing()) warn('unclosed transport', owner);
  }
}

/** By its method: the package loads the class when a program has datagrams. */
function isDatagramTransport(owner: object | undefined): owner is DatagramTransport {
  return owner !== undefined && 'sendto' in owner;
}

/** Loops that were made by newEventLoop(), and are open. */
const open = new Set<EventLoop>();

/** `loop` is somebody's to close. */
export function watchLoop(loop: EventLoop): void {
  if (open.size === 0) process.once('beforeExit', warnOfLoops);
  open.add(loop);
  if (loop._debug?.creationStacks === true) noteCreation(loop);
}

export function unwatchLoop(loop: EventLoop): void {
  if (open.delete(loop) && open.size === 0) process.off('beforeExit', warnOfLoops);
}

function warnOfLoops(): void {
  for (const loop of open) if (loop._debug?.unclosed === true) warn('unclosed event loop', loop);
  open.clear();
}

function warn(what: string, object: object): void {
  const frames = creationOf(object);
  const detail = frames && { detail: formatCreation('Object', frames) };
  process.emitWarning(`${what} ${object}`, { type: 'ResourceWarning', ...detail });
}
