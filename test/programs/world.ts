/**
 * What a program runs in: a loop whose clock counts batches, the shared futures, the trace.
 *
 * A ticker keeps the loop busy and moves the clock, so that deadlines are as repeatable as everything else. The
 * run is over when no task is left, or at a tick by which none may be left.
 */

import type { Timed } from '../../src/core/timers.js';
import {
  allTasks,
  CancelledError,
  EventLoop,
  type ExceptionContext,
  type Future,
  isFuture,
  type Task,
} from '../../src/index.js';
import { show as showValue } from '../differential/stage.js';
import { Audit } from './audit.js';
import { Interpreter } from './interpreter.js';
import { FUTURES, type Outcome, type Program, RELEASE } from './language.js';

/** By then every program is over: the longest have to sleep a few batches for each statement. */
const LAST_TICK = 2000;
/** No event comes after this tick, and no run is over before it. */
const LAST_EVENT = 8;

/** An error that a program throws. */
export class Boom extends Error {}

/** Its clock is the number of its batches. */
class BatchLoop extends EventLoop {
  ticks = 0;
  readonly #timers = new Set<Timed>();

  override time(): number {
    return this.ticks;
  }

  override _addTimer(timer: Timed): void {
    this.#timers.add(timer);
    super._addTimer(timer);
  }

  /** How many timers would still fire. */
  timersLeft(): number {
    return [...this.#timers].filter((timer) => timer._scheduled).length;
  }
}

/** What came of a run. */
export interface Run {
  trace: string[];
  /** What is wrong whatever asyncio would do. */
  faults: string[];
}

export class World {
  readonly loop = new BatchLoop();
  readonly program: Program;
  readonly tasks = new Map<number, Task>();
  /** Whose errors shield() may report. */
  readonly shielded: Future[] = [];
  /** Coroutines whose tasks the audit leaves to what they were given to. */
  readonly excusedBodies = new Set<number>();
  readonly audit = new Audit();
  readonly trace: string[] = [];
  readonly faults: string[] = [];
  readonly #futures: Future[] = [];
  readonly #reported: unknown[] = [];
  /** When the last task had ended. */
  #timersLeft: number | null = null;
  #booms = 0;
  #suspended = 0;

  constructor(program: Program) {
    this.program = program;
    for (let index = 0; index < FUTURES; index++) this.#futures.push(this.loop.createFuture());
    this.loop.setExceptionHandler((_loop, context: ExceptionContext) => this.#report(context));
  }

  log(...words: unknown[]): void {
    this.trace.push([`@${this.loop.ticks}`, ...words.map((word) => this.#show(word))].join(' '));
  }

  boom(): Boom {
    return new Boom(String(++this.#booms));
  }

  /** A coroutine runs in `task`: its own, or that of who awaits it. */
  enter(id: number, task: Task): void {
    if (![...this.tasks.values()].includes(task)) this.tasks.set(id, task);
    if (this.excusedBodies.has(id)) this.audit.excuse(task);
  }

  future(index: number): Future {
    return this.#futures[index % FUTURES] as Future;
  }

  set(index: number, outcome: Outcome): unknown {
    const future = this.future(index);
    if (future.done()) return false;
    if (outcome === 'cancel') return future.cancel();
    if (outcome === 'exception') future.setException(this.boom());
    else future.setResult(`f${index % FUTURES}`);
    return true;
  }

  cancel(index: number, message?: string): unknown {
    const task = this.tasks.get(index % this.program.count);
    if (task?.done() === true) this.audit.excuse(task);
    return task?.cancel(message);
  }

  nameOf(future: Future): string {
    for (const [id, task] of this.tasks) if (task === future) return `t${id}`;
    return `f${this.#futures.indexOf(future)}`;
  }

  /** An await begins; says what is wrong with how it ends. */
  suspend(awaitable: unknown): { resumed(value: unknown): void; thrown(error: unknown): void } {
    this.#suspended++;
    let ended = false;
    const end = (): void => {
      this.#suspended--;
      if (ended) this.faults.push('an await was resumed twice');
      ended = true;
    };
    return {
      resumed: (value) => {
        end();
        if (!isFuture(awaitable)) return;
        if (!awaitable.done()) this.faults.push('an await was resumed before its future was done');
        else if (awaitable.result() !== value) this.faults.push('an await gave something else');
      },
      thrown: (error) => {
        end();
        this.audit.thrown(awaitable, error);
        if (isFuture(awaitable) && !awaitable.done() && !(error instanceof CancelledError)) {
          this.faults.push(`an await threw ${error} before its future was done`);
        }
      },
    };
  }

  async run(generators: boolean): Promise<Run> {
    const { loop, program } = this;
    loop.callSoon(() => {
      this.#tick();
      new Interpreter(this, generators).start(program.main);
    });
    await loop.runForever();
    const left = allTasks(loop).size;
    if (left > 0) this.faults.push(`${left} tasks hang`);
    else if (this.#suspended > 0) this.faults.push(`${this.#suspended} awaits were never resumed`);
    const timersLeft = this.#timersLeft ?? 0;
    if (timersLeft > 0) this.faults.push(`${timersLeft} timers are left`);
    loop.close();
    this.faults.push(...this.audit.faults(this.tasks.values(), this.#reported));
    const excused = this.shielded.map((inner) =>
      inner.done() && !inner.cancelled() ? inner.exception() : null,
    );
    const unexcused = this.#reported.filter((error) => !excused.includes(error));
    const reported = unexcused.map((error) => this.#show(error)).sort();
    this.trace.push(['never retrieved', ...reported].join(' '));
    return { trace: this.trace, faults: this.faults };
  }

  #tick(): void {
    const { loop } = this;
    const ended = loop.ticks > LAST_EVENT && allTasks(loop).size === 0;
    if (ended) this.#timersLeft ??= loop.timersLeft();
    if ((ended && loop.timersLeft() === 0) || loop.ticks === LAST_TICK) {
      loop.stop();
      return;
    }
    loop.callSoon(() => this.#tick());
    for (const event of this.program.events) {
      if (event.tick !== loop.ticks) continue;
      if (event.op === 'set') this.log('event', this.set(event.index, event.outcome));
      else this.log('event', this.cancel(event.index));
    }
    if (loop.ticks === RELEASE)
      for (let index = 0; index < FUTURES; index++) this.set(index, 'result');
    loop.ticks++;
  }

  #report(context: ExceptionContext): void {
    if (/never retrieved/.test(context.message)) this.#reported.push(context.exception);
    else if (!/shielded|destroyed/.test(context.message))
      this.faults.push(`reported: ${context.message}`);
  }

  #show(value: unknown): string {
    if (value instanceof AggregateError)
      return `Group${showList(value.errors, (one) => this.#show(one))}`;
    if (Array.isArray(value)) return showList(value, (one) => this.#show(one));
    if (value instanceof Boom || value instanceof CancelledError) return showValue(value);
    if (value instanceof Error) return value.constructor.name;
    return showValue(value);
  }
}

function showList(values: unknown[], show: (value: unknown) => string): string {
  return `[${values.map(show).join(', ')}]`;
}
