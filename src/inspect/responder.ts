/**
 * What the observer answers when it is asked about its thread: a snapshot by the thread itself, or that it is blocked.
 *
 * A thread that does not answer soon is blocked, and the answer says since when and where. Several may ask at a time.
 */

import type { BlockedStack } from './blocked_stack.js';
import type { Blocked, ThreadSnapshot } from './snapshot.js';
import type { StallWatch } from './stall_watch.js';

/** What is sent over the socket. */
export type ThreadAnswer = ThreadSnapshot | Blocked;

// A loop's turn takes a millisecond, and a busy machine some more.
const PATIENCE = 250; // ms

export class Responder {
  readonly #takeStack: () => Promise<BlockedStack>;
  readonly #watches: ReadonlyMap<number, StallWatch>;
  readonly #ask: (request: number) => void;
  readonly #waiting = new Map<number, (snapshot: ThreadSnapshot) => void>();
  #requests = 0;

  /** `ask` passes a request on to the thread, which may answer. */
  constructor(
    takeStack: () => Promise<BlockedStack>,
    watches: ReadonlyMap<number, StallWatch>,
    ask: (request: number) => void,
  ) {
    this.#takeStack = takeStack;
    this.#watches = watches;
    this.#ask = ask;
  }

  /** The thread's answer, which may come too late. */
  answered(request: number, snapshot: ThreadSnapshot): void {
    this.#waiting.get(request)?.(snapshot);
  }

  async answer(): Promise<ThreadAnswer> {
    const started = performance.now();
    const request = ++this.#requests;
    let outOfTime: NodeJS.Timeout | undefined;
    const snapshot = await new Promise<ThreadSnapshot | null>((resolve) => {
      this.#waiting.set(request, resolve);
      outOfTime = setTimeout(resolve, PATIENCE, null);
      this.#ask(request);
    });
    clearTimeout(outOfTime);
    this.#waiting.delete(request);
    if (snapshot !== null) return snapshot;
    const inCallback = [...this.#watches.values()].map((watch) => watch.running() ?? 0);
    const { frames, missing, inDebugger } = await this.#takeStack();
    return {
      state: inDebugger === true ? 'stopped' : 'blocked',
      milliseconds: Math.max(performance.now() - started, ...inCallback),
      inCallback: inCallback.some((milliseconds) => milliseconds > 0),
      stack: frames,
      ...(missing === undefined ? {} : { missing }),
    };
  }
}
