/**
 * What the observer answers when it is asked about its thread: a snapshot by the thread itself, or that it is blocked.
 *
 * A thread that does not answer soon is blocked, and the answer says since when and where. Several may ask at a time.
 */

import type { BlockedStack } from './blocked_stack.js';
import { processFacts } from './facts.js';
import type { Blocked, Failed, ThreadSnapshot } from './snapshot.js';
import type { StallWatch } from './stall_watch.js';

type OwnAnswer = ThreadSnapshot | Failed;
type TakeStack = (isWanted: () => boolean) => Promise<BlockedStack>;

/** What is sent over the socket. */
export type ThreadAnswer = ThreadSnapshot | Failed | Blocked;

// A loop's turn takes a millisecond, and a busy machine some more.
const PATIENCE = 250; // ms

export class Responder {
  readonly #takeStack: TakeStack;
  readonly #command: readonly string[];
  readonly #watches: ReadonlyMap<number, StallWatch>;
  readonly #ask: (request: number) => void;
  readonly #waiting = new Map<number, (snapshot: OwnAnswer) => void>();
  #requests = 0;

  /** `command` is the thread's process.argv; `ask` passes a request on to the thread, which may answer. */
  constructor(
    command: readonly string[],
    takeStack: TakeStack,
    watches: ReadonlyMap<number, StallWatch>,
    ask: (request: number) => void,
  ) {
    this.#command = command;
    this.#takeStack = takeStack;
    this.#watches = watches;
    this.#ask = ask;
  }

  /** The thread's answer, which may come too late. */
  answered(request: number, snapshot: OwnAnswer): void {
    this.#waiting.get(request)?.(snapshot);
  }

  async answer(): Promise<ThreadAnswer> {
    const started = performance.now();
    const request = ++this.#requests;
    let snapshot: OwnAnswer | null = null;
    let blocked: Blocked | null = null;
    let looking = true;
    await new Promise<void>((resolve) => {
      const outOfTime = setTimeout(resolve, PATIENCE);
      this.#waiting.set(request, (arrived) => {
        snapshot = arrived;
        clearTimeout(outOfTime);
        resolve();
      });
      this.#ask(request);
    });
    if (snapshot === null) {
      blocked = await this.#look(started, () => looking && snapshot === null);
    }
    looking = false;
    this.#waiting.delete(request);
    // It may have come to itself while its stack was taken, which then says nothing.
    return snapshot ?? (blocked as Blocked);
  }

  async #look(started: number, isWanted: () => boolean): Promise<Blocked> {
    const inCallback = [...this.#watches.values()].map((watch) => watch.running() ?? 0);
    const { frames, missing, inDebugger } = await this.#takeStack(isWanted);
    return {
      ...processFacts(this.#command),
      state: inDebugger === true ? 'stopped' : 'blocked',
      milliseconds: Math.max(performance.now() - started, ...inCallback),
      inCallback: inCallback.some((milliseconds) => milliseconds > 0),
      stack: frames,
      ...(missing === undefined ? {} : { missing }),
    };
  }
}
