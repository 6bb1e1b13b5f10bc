/**
 * SIGINT and SIGTERM while a main task runs: what asyncio.Runner does for SIGINT.
 *
 * The first signal cancels the main task, so that its finally blocks run; a second one ends the process at
 * once, by its default action. A signal that somebody else listens for is left alone. Main tasks that
 * run at the same time share the listeners, which are there only while one of them runs.
 */

import { CancelledError, KeyboardInterrupt } from '../core/exceptions.js';
import type { Task } from '../core/tasks.js';
import { endChildren } from '../io/process_exit.js';

type TakenSignal = 'SIGINT' | 'SIGTERM';

const SIGNALS: readonly TakenSignal[] = ['SIGINT', 'SIGTERM'];

/** Those whose main task is running. */
const watching = new Set<Interrupts>();
/** Those whose main task SIGTERM has cancelled and whose runner is not closed. */
const terminating = new Set<Interrupts>();
let whenTerminated: (() => void)[] = [];

function takeSignals(): void {
  for (const signal of SIGNALS) {
    if (process.listenerCount(signal) === 0) process.on(signal, onSignal);
  }
}

function giveSignalsBack(): void {
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

function onSignal(signal: NodeJS.Signals): void {
  const mains = [...watching];
  let cancelled = false;
  if (!mains.some((one) => one.interrupted)) {
    for (const one of mains) cancelled = one.interrupt(signal as TakenSignal) || cancelled;
  }
  if (cancelled) return;
  giveSignalsBack();
  endBy(signal);
}

/** Ends the process by the signal's default action, unless somebody listens and so decides. */
function endBy(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 0) return;
  endChildren();
  process.kill(process.pid, signal);
}

/** The signals of one Runner. */
export class Interrupts {
  #task: Task | null = null;
  #signal: TakenSignal | null = null;
  #terminated = false;

  /** Takes the signals while `run` runs `task`; after Ctrl-C it rejects with KeyboardInterrupt. */
  async watch<T>(task: Task<T>, run: () => Promise<T>): Promise<T> {
    this.#task = task as unknown as Task;
    this.#signal = null;
    if (watching.size === 0) takeSignals();
    watching.add(this);
    try {
      return await run();
    } catch (error) {
      const isEndedBySignal =
        this.#signal !== null && error instanceof CancelledError && task.uncancel() === 0;
      if (isEndedBySignal && this.#signal === 'SIGINT') {
        throw new KeyboardInterrupt('interrupted by SIGINT');
      }
      if (isEndedBySignal) this.#terminated = true;
      throw error;
    } finally {
      this.#task = null;
      watching.delete(this);
      if (watching.size === 0) giveSignalsBack();
    }
  }

  /** Whether the main task was cancelled by a signal. */
  get interrupted(): boolean {
    return this.#signal !== null;
  }

  /** False when the main task is done already. */
  interrupt(signal: TakenSignal): boolean {
    if (this.#task?.cancel() !== true) return false;
    this.#signal = signal;
    if (signal === 'SIGTERM') terminating.add(this);
    return true;
  }

  /**
   * The runner is closed. A process whose main task SIGTERM has ended dies of that signal, with no error
   * to show, when all that it has cancelled are closed: a supervisor sees the death that it asked for.
   */
  async close(): Promise<void> {
    terminating.delete(this);
    if (terminating.size === 0) {
      for (const goOn of whenTerminated) goOn();
      whenTerminated = [];
    } else if (this.#terminated) {
      await new Promise<void>((resolve) => whenTerminated.push(resolve));
    }
    if (this.#terminated) endBy('SIGTERM');
  }
}
