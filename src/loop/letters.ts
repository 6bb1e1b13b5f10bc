/**
 * What calls between threads carry: values as a letter's text, or through a port of Node's.
 *
 * Strings, booleans, null and the numbers that JSON can tell are written into the letter, which takes a fraction of a
 * microsecond and asks nobody. Everything else is cloned by a MessagePort, as postMessage() does; the letter, which
 * comes behind it, then says that a value waits there. Invariant: whoever reads such a letter takes one value from the port.
 */

import type { MessagePort, Transferable } from 'node:worker_threads';
import * as workerThreads from 'node:worker_threads';
import { RuntimeError } from '../core/exceptions.js';
import { typeError } from '../util/check.js';

/** A value that moves some of what it holds to the other thread; see transfer(). */
export class Transfer<T = unknown> {
  /** What is sent. */
  readonly value: T;
  /** What moves with it, and is gone here. */
  readonly transferList: readonly Transferable[];

  /** Made by transfer(). @internal */
  constructor(value: T, transferList: readonly Transferable[]) {
    this.value = value;
    this.transferList = transferList;
  }
}

/**
 * Marks an argument, or what an exposed function returns, so that the objects of `transferList` in it are moved to the other
 * thread instead of copied: what postMessage() takes as its second argument.
 *
 * @throws TypeError
 */
export function transfer<T>(value: T, transferList: readonly Transferable[]): Transfer<T> {
  if (!Array.isArray(transferList)) throw typeError('transferList', 'an array', transferList);
  return new Transfer(value, transferList);
}

/** A value for the port, with what is moved. */
export interface Cargo {
  value: unknown;
  transferList: Transferable[];
}

/** A letter's text, and what goes through the port before it. */
export interface Packed {
  text: string;
  cargo: Cargo | null;
}

export function packCall(name: string, args: readonly unknown[]): Packed {
  if (args.every(isPlain)) return { text: JSON.stringify([name, ...args]), cargo: null };
  return { text: JSON.stringify(name), cargo: load(args, (values) => values) };
}

/** @throws what receiving the value throws */
export function unpackCall(text: string, port: MessagePort | null): [string, unknown[]] {
  const content = JSON.parse(text) as string | [string, ...unknown[]];
  if (typeof content === 'string') return [content, takeFrom(port) as unknown[]];
  return [content[0], content.slice(1)];
}

/** The name alone of what unpackCall() would give. */
export function calledName(text: string): string {
  const content = JSON.parse(text) as string | [string];
  return typeof content === 'string' ? content : content[0];
}

export function packResult(result: unknown): Packed {
  if (result === undefined) return { text: '[]', cargo: null };
  if (isPlain(result)) return { text: JSON.stringify([result]), cargo: null };
  return { text: '', cargo: load([result], ([value]) => value) };
}

/** @throws what receiving the value throws */
export function unpackResult(text: string, port: MessagePort | null): unknown {
  return text === '' ? takeFrom(port) : (JSON.parse(text) as unknown[])[0];
}

/** Whether JSON gives the very same value back. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  return typeof value === 'string' || typeof value === 'boolean' || value === null;
}

function load(values: readonly unknown[], shape: (values: unknown[]) => unknown): Cargo {
  const transferList: Transferable[] = [];
  const bare = values.map((value) => {
    if (!(value instanceof Transfer)) return value;
    transferList.push(...value.transferList);
    return value.value;
  });
  return { value: shape(bare), transferList };
}

function takeFrom(port: MessagePort | null): unknown {
  const received = port === null ? undefined : workerThreads.receiveMessageOnPort(port);
  if (received === undefined) throw new RuntimeError('the value was lost on the way');
  return received.message;
}
