/**
 * Random programs: what a main task does with other tasks, and requests that it starts, cancels or aborts.
 *
 * Between two `turn`s everything happens in one slot of the ready queue, which is where races are: a
 * release and a cancellation, a put and an abort, in any order.
 */

import { ok } from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Coroutine,
  createTask,
  type Future,
  newEventLoop,
  type Task,
} from '../../src/index.js';
import { turns } from './stage.js';

/** How a request waits: in an async function, in a generator, or in an async function with a signal. */
export type Style = 'async' | 'generator' | 'signal';

export type Step =
  | { do: 'request'; style: Style; kind: number }
  /** Cancels one of the first three that wait. */
  | { do: 'cancel'; which: number }
  | { do: 'act'; kind: number }
  | { do: 'turn' }
  /** Lets everything come to rest, and looks whether somebody waits who need not. */
  | { do: 'rest' };

const style = fc.constantFrom<Style>('async', 'generator', 'signal');
const kind = fc.nat({ max: 5 });

/** Programs of up to 60 steps. */
export const programs: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('request' as const), style, kind }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('act' as const), kind }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('rest' as const) }) },
  ),
  { maxLength: 60, size: 'max' },
);

/** One request: a task that waits for one thing and says when it has it. */
export class Request {
  readonly task: Task<void>;
  readonly #controller = new AbortController();
  readonly #style: Style;
  cancelled = false;

  /** `wait` is called when the task runs; `got` in the slot in which the waiting ends. */
  constructor(
    style: Style,
    wait: (options: { signal?: AbortSignal }) => Future<unknown> | Coroutine<unknown>,
    got: (value: unknown) => void,
  ) {
    this.#style = style;
    const options = style === 'signal' ? { signal: this.#controller.signal } : {};
    this.task =
      style === 'generator'
        ? createTask(function* () {
            got(yield* wait(options));
          })
        : createTask(async () => {
            got(await wait(options));
          });
    // A request that was given up is no error that anybody has to look at.
    this.task.addDoneCallback((task) => task.cancelled() || task.exception());
  }

  cancel(): void {
    if (this.task.done()) return;
    this.cancelled = true;
    if (this.#style === 'signal') this.#controller.abort();
    else this.task.cancel();
  }
}

export interface Play {
  /** A request that the program starts. */
  request(step: { style: Style; kind: number }, number: number): Request;
  /** Something that main does, of the kind given. */
  act(kind: number): void;
  /** Looks at those that wait when nothing can go on. */
  atRest(waiting: readonly Request[]): void;
}

/** Runs `program` on a loop of its own, lets everything come to rest, and goes on with `after`. */
export async function runProgram(
  program: readonly Step[],
  play: Play,
  after: (requests: readonly Request[]) => Promise<void>,
): Promise<void> {
  const loop = newEventLoop();
  try {
    await loop.runUntilComplete(async () => {
      const requests: Request[] = [];
      for (const step of program) {
        if (step.do === 'request') requests.push(play.request(step, requests.length));
        else if (step.do === 'cancel') pending(requests)[step.which]?.cancel();
        else if (step.do === 'act') play.act(step.kind);
        else if (step.do === 'turn') await turns();
        else await look(play, requests);
      }
      await look(play, requests);
      await after(requests);
    });
  } finally {
    loop.close();
  }
}

async function look(play: Play, requests: readonly Request[]): Promise<void> {
  await rest(requests);
  const waiting = requests.filter(({ task }) => !task.done());
  ok(
    waiting.every(({ cancelled }) => !cancelled),
    'a request that was cancelled hangs',
  );
  play.atRest(waiting);
}

/** Those that wait, of whom the first ones are woken next. */
function pending(requests: readonly Request[]): Request[] {
  return requests.filter(({ task, cancelled }) => !task.done() && !cancelled);
}

/** As many turns as it takes until everything that can go on has gone on. */
export function rest(requests: readonly Request[]): Promise<void> {
  return turns(2 * requests.length + 4);
}
