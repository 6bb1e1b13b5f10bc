/**
 * Descriptors that a program watches itself: the body of asyncio's add_reader and its three siblings.
 *
 * A watched descriptor has one native watcher, which a reader and a writer share; it is
 * level-triggered, so a callback is called again for as long as it leaves something to read.
 * Invariant: a watcher is in the map exactly while it has a reader or a writer.
 */

import { native } from '../binding/addon.js';
import {
  type HandleOwner,
  POLL_READABLE,
  POLL_WRITABLE,
  type PollWrap,
} from '../binding/contract.js';
import type { Handle } from '../core/events.js';
import { RuntimeError } from '../core/exceptions.js';
import type { Scheduler } from '../core/scheduler.js';
import { rangeError, typeError } from '../util/check.js';
import { nativeError, systemError } from '../util/system_error.js';
import type { Reactor } from './reactor.js';

/** Whoever has a descriptor, as objects of node:fs do. */
export interface DescriptorOwner {
  /** Its number. */
  readonly fd: number;
}

/** Whoever has a descriptor and tells it, as sockets do. */
export interface FilenoOwner {
  /** Its number. */
  fileno(): number;
}

/** A descriptor's number, or something that has one: an object of node:fs, a socket. */
export type FileDescriptor = number | DescriptorOwner | FilenoOwner;

export type Direction = 'reader' | 'writer';

const LARGEST_DESCRIPTOR = 0x7fffffff;

/** @throws TypeError or RangeError when `fd` is no descriptor */
export function descriptorOf(fd: FileDescriptor): number {
  let number: unknown = fd;
  if (typeof fd === 'object' && fd !== null) {
    number = 'fileno' in fd && typeof fd.fileno === 'function' ? fd.fileno() : (fd as { fd: 1 }).fd;
  }
  if (typeof number !== 'number') {
    throw typeError('fd', 'a file descriptor, or an object with fd or fileno()', fd);
  }
  if (!Number.isInteger(number) || number < 0 || number > LARGEST_DESCRIPTOR) {
    throw rangeError('fd', 'an open file descriptor', number);
  }
  return number;
}

/** One watched descriptor. */
class Watcher implements HandleOwner {
  reader: Handle | null = null;
  writer: Handle | null = null;
  readonly #descriptor: number;
  readonly #scheduler: Scheduler;
  readonly #forget: () => void;
  readonly #wrap: PollWrap;

  /** @throws a system error: EBADF, or EPERM for what cannot be polled */
  constructor(reactor: Reactor, descriptor: number, forget: () => void) {
    this.#descriptor = descriptor;
    this.#scheduler = reactor.scheduler;
    this.#forget = forget;
    try {
      this.#wrap = new native.PollWrap(reactor.wrap, this, descriptor);
    } catch (error) {
      throw nativeError(error, 'poll');
    }
  }

  isCurrent(): boolean {
    return this.#wrap.isCurrent();
  }

  set(direction: Direction, handle: Handle | null): void {
    this[direction]?.cancel();
    this[direction] = handle;
    if (this.reader === null && this.writer === null) {
      this.#forget();
      this.#wrap.close();
      return;
    }
    const readable = this.reader === null ? 0 : POLL_READABLE;
    const writable = this.writer === null ? 0 : POLL_WRITABLE;
    this.#wrap.watch(readable | writable);
  }

  close(): void {
    this.set('reader', null);
    this.set('writer', null);
  }

  onEvent(_kind: number, events: number): void {
    if (events < 0) {
      this.close();
      this.#scheduler.callExceptionHandler({
        message: `File descriptor ${this.#descriptor} was closed while it was watched`,
        exception: systemError(events, 'poll'),
      });
      return;
    }
    if ((events & POLL_READABLE) !== 0 && this.reader !== null) {
      this.#scheduler._enqueue(this.reader);
    }
    if ((events & POLL_WRITABLE) !== 0 && this.writer !== null) {
      this.#scheduler._enqueue(this.writer);
    }
  }
}

/** All watched descriptors of one loop. */
export class Watchers {
  readonly #reactor: Reactor;
  readonly #watchers = new Map<number, Watcher>();

  constructor(reactor: Reactor) {
    this.#reactor = reactor;
  }

  /** Has `handle` run whenever the descriptor is ready, in place of the handle before. */
  set(descriptor: number, direction: Direction, handle: Handle): void {
    let watcher = this.#watchers.get(descriptor);
    if (watcher !== undefined && !watcher.isCurrent()) {
      watcher.close();
      watcher = undefined;
    }
    if (watcher === undefined) {
      watcher = new Watcher(this.#reactor, descriptor, () => this.#watchers.delete(descriptor));
      this.#watchers.set(descriptor, watcher);
    }
    watcher.set(direction, handle);
  }

  /** @returns whether there was a handle */
  remove(descriptor: number, direction: Direction): boolean {
    const watcher = this.#watchers.get(descriptor);
    if (watcher === undefined || watcher[direction] === null) return false;
    watcher.set(direction, null);
    return true;
  }

  /** @throws RuntimeError when a transport of this loop owns the descriptor */
  checkFree(descriptor: number): void {
    const owner = this.#reactor.wrap.ownerOf(descriptor) as { isClosing?(): boolean } | undefined;
    if (owner === undefined || owner.isClosing?.() === true) return;
    throw new RuntimeError(`File descriptor ${descriptor} is used by transport ${owner}`);
  }
}
