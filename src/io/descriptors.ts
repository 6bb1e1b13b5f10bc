/**
 * Descriptors that a program hands over to a transport: a number, or an object that has one.
 *
 * The transport owns what it was given and closes it after connectionLost: an object through its
 * close(), a number itself. Standard input, output and error stay open: what would be opened next would
 * take their place.
 */

import { native } from '../binding/addon.js';
import type { SocketWrap } from '../binding/contract.js';
import { checkInteger, typeError } from '../util/check.js';
import { systemError } from '../util/system_error.js';
import type { Reactor } from './reactor.js';
import type { TransportOwner } from './stream_transport.js';

/** An fs.promises.FileHandle, an fs stream that is open, process.stdin … */
export interface DescriptorObject {
  readonly fd: number;
  close?(): unknown;
}

export type DescriptorSource = number | DescriptorObject;

const STANDARD_ERROR = 2;

/**
 * A pipe of the kernel's, close-on-exec: what one program writes to it another may read, with no byte passing
 * through here. Both ends are the caller's to close.
 *
 * @throws a system error, as EMFILE
 */
export function makePipe(): { reading: number; writing: number } {
  const ends = native.makePipe();
  if (typeof ends === 'number') throw systemError(ends, 'pipe');
  return { reading: ends[0], writing: ends[1] };
}

/** @throws TypeError or RangeError */
export function checkDescriptor(argument: string, source: DescriptorSource): number {
  if (typeof source === 'number') {
    checkInteger(argument, source, 0, 0x7fffffff);
    return source;
  }
  const descriptor = (source as Partial<DescriptorObject> | null | undefined)?.fd;
  if (typeof descriptor !== 'number') {
    throw typeError(argument, 'a file descriptor, or an object with one as its fd', source);
  }
  checkInteger(`${argument}.fd`, descriptor, 0, 0x7fffffff);
  return descriptor;
}

/** Has `source`, of which `wrap` has a duplicate, closed with it, unless an ownerOf() sees to that. */
export function takeOver(wrap: SocketWrap<unknown>, source: DescriptorSource): void {
  if (typeof source === 'number') wrap.takeOver(source);
  else if (typeof source.close !== 'function') wrap.takeOver(source.fd);
}

/** What closes `source` when its transport has gone, if it is an object that closes itself. */
export function ownerOf(reactor: Reactor, source: DescriptorSource): TransportOwner | null {
  if (typeof source === 'number' || typeof source.close !== 'function') return null;
  return source.fd > STANDARD_ERROR ? { _detach: () => closeObject(reactor, source) } : null;
}

async function closeObject(reactor: Reactor, source: DescriptorObject): Promise<void> {
  try {
    await source.close?.();
  } catch (exception) {
    const message = 'Error on closing the object that a transport was given';
    reactor.scheduler.callExceptionHandler({ message, exception });
  }
}
