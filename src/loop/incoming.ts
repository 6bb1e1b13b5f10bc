/**
 * Calls of another thread's loop in this one: the side of asyncio's run_coroutine_threadsafe that runs them.
 *
 * Invariant: a request is answered once, unless the caller has given it up or is gone; then its task is cancelled.
 */

import type { MessagePort } from 'node:worker_threads';
import {
  LETTER_CANCELLED,
  LETTER_CONNECTED,
  LETTER_ERROR,
  LETTER_REFUSED,
  LETTER_RESULT,
} from '../binding/mailbox_contract.js';
import { isGenerator } from '../core/coroutines.js';
import { runCallback } from '../core/events.js';
import type { Future } from '../core/futures.js';
import { createTask } from '../core/task_factory.js';
import { callName } from '../util/format.js';
import { errorToText } from './error_text.js';
import { type Cargo, calledName, packResult, unpackCall } from './letters.js';
import type { Mailbox } from './mailbox.js';

/** What loop.expose() takes. */
// biome-ignore lint/suspicious/noExplicitAny: an exposed function takes whatever it is called with
export type ExposedFunction = (...args: any[]) => unknown;

export class Incoming {
  readonly #mailbox: Mailbox;
  readonly #address: number;
  readonly #running = new Map<number, Future>();
  /** Cancelled before they were begun. */
  readonly #givenUp = new Set<number>();
  #lastBegun = 0;
  #port: MessagePort | null = null;
  /** Results for the port, which is on its way. */
  #held: [call: number, cargo: Cargo][] = [];
  #isGone = false;

  constructor(mailbox: Mailbox, address: number) {
    this.#mailbox = mailbox;
    this.#address = address;
  }

  /** Runs a call that nobody waits for. */
  run(text: string): void {
    let callback: ExposedFunction;
    let args: unknown[];
    try {
      [callback, args] = this.#read(text);
    } catch (error) {
      this.#post(LETTER_REFUSED, 0, JSON.stringify([calledName(text), errorToText(error)]));
      return;
    }
    const { loop } = this.#mailbox;
    const returned = runCallback(loop, callback, args);
    if (typeof returned !== 'object' || returned === null) return;
    try {
      this.#follow(callback, returned);
    } catch (exception) {
      // Of a task factory, or of a strange object.
      loop.callExceptionHandler({ message: callbackMessage(callback), exception });
    }
  }

  /** Begins a task for a request. */
  begin(call: number, text: string): void {
    this.#lastBegun = call;
    const isGivenUp = this.#givenUp.delete(call);
    try {
      const [callback, args] = this.#read(text);
      if (isGivenUp || this.#isGone) return;
      const body = named(callback, () => callback(...args));
      const task: Future = createTask(body, { loop: this.#mailbox.loop });
      this.#running.set(call, task);
      task.addDoneCallback(() => this.#answer(call, task));
    } catch (error) {
      this.#post(LETTER_ERROR, call, errorToText(error));
    }
  }

  /** The caller has given a request up. */
  cancel(call: number, message: string): void {
    if (call > this.#lastBegun) this.#givenUp.add(call);
    else this.#running.get(call)?.cancel(message === '' ? undefined : message);
  }

  connected(port: MessagePort): void {
    this.#port?.close();
    this.#port = port;
    port.unref();
    this.#post(LETTER_CONNECTED, 0, '');
    const held = this.#held;
    this.#held = [];
    for (const [call, cargo] of held) this.#deliver(call, cargo);
  }

  /** The caller's loop has closed. Calls of its own that wait are run, but not requests. */
  closed(): void {
    this.#isGone = true;
    this.#held = [];
    for (const task of [...this.#running.values()]) task.cancel();
  }

  /** Nothing more comes. */
  end(): void {
    this.#port?.close();
  }

  /** What an async function is doing goes on as a task, whose error nobody else would see. */
  #follow(callback: ExposedFunction, returned: object): void {
    if (!('then' in returned) && !isGenerator(returned)) return;
    const { loop } = this.#mailbox;
    const task: Future = createTask(
      named(callback, () => returned),
      { loop },
    );
    task.addDoneCallback(() => {
      const exception = task.cancelled() ? null : task.exception();
      if (exception === null) return;
      loop.callExceptionHandler({ message: callbackMessage(callback), exception, task });
    });
  }

  #read(text: string): [ExposedFunction, unknown[]] {
    const [name, args] = unpackCall(text, this.#port);
    return [this.#mailbox.exposed(name), args];
  }

  #answer(call: number, task: Future): void {
    this.#running.delete(call);
    if (this.#isGone) return;
    try {
      const { text, cargo } = packResult(task.result());
      if (cargo === null) this.#post(LETTER_RESULT, call, text);
      else this.#deliver(call, cargo);
    } catch (error) {
      if (task.cancelled()) this.#post(LETTER_CANCELLED, call, (error as Error).message);
      else this.#post(LETTER_ERROR, call, errorToText(error));
    }
  }

  #deliver(call: number, cargo: Cargo): void {
    if (this.#port === null) {
      this.#held.push([call, cargo]);
      return;
    }
    try {
      this.#port.postMessage(cargo.value, cargo.transferList);
    } catch (error) {
      this.#post(LETTER_ERROR, call, errorToText(error));
      return;
    }
    this.#post(LETTER_RESULT, call, '');
  }

  /** Who is gone hears nothing. */
  #post(kind: number, call: number, text: string): void {
    this.#mailbox.post(this.#address, kind, call, text);
  }
}

function callbackMessage(callback: ExposedFunction): string {
  return `Exception in callback ${callName(callback)}`;
}

/** The body of a task that shows the function's name. */
function named({ name }: ExposedFunction, body: () => unknown): () => unknown {
  return Object.defineProperty(body, 'name', { value: name });
}
