/**
 * Runs a program on uvio: in tasks whose bodies are async functions, or generators.
 *
 * The statements are written once, as generators. In async mode each block of them is stepped by an async
 * function of its own, `stepped`, so that what it awaits is awaited as users do. Every event of the trace
 * says in which batch it was.
 */

import {
  asCompleted,
  CancelledError,
  type Coroutine,
  coroutine,
  createTask,
  currentTask,
  ensureFuture,
  type Future,
  gather,
  shield,
  sleep,
  type Task,
  TaskGroup,
  type Timeout,
  timeout,
  wait,
  waitFor,
} from '../../src/index.js';
import type { Block, Body, Member, Statement } from './language.js';
import { Boom, type World } from './world.js';

type Steps<T = void> = Generator<unknown, T, unknown>;

/** What is around a statement. */
interface Scope {
  body: Body;
  group: TaskGroup | null;
  deadline: Timeout | null;
}

export class Interpreter {
  readonly #world: World;
  readonly #generators: boolean;
  #statements = 0;

  constructor(world: World, generators: boolean) {
    this.#world = world;
    this.#generators = generators;
  }

  start(main: Body): void {
    this.#task(main);
  }

  *#run(body: Body): Steps<string> {
    const world = this.#world;
    const name = `t${body.id}`;
    world.enter(body.id, currentTask() as Task);
    world.log(name, 'starts');
    try {
      yield* this.#block({ body, group: null, deadline: null }, body.block);
      world.log(name, 'returns');
      return `r${body.id}`;
    } catch (error) {
      world.log(name, 'raises', error);
      throw error;
    } finally {
      world.log(name, 'ends', currentTask()?.cancelling());
    }
  }

  *#block(scope: Scope, block: Block): Steps {
    for (const statement of block) {
      const name = `t${scope.body.id}.${this.#statements++} ${statement.op}`;
      this.#world.log(name);
      try {
        this.#world.log(name, 'gives', yield* this.#perform(scope, statement));
      } catch (error) {
        this.#world.log(name, 'throws', error, currentTask()?.cancelling());
        throw error;
      }
    }
  }

  *#perform(scope: Scope, statement: Statement): Steps<unknown> {
    const world = this.#world;
    switch (statement.op) {
      case 'sleep':
        if (statement.atOnce) return yield* this.#await(sleep(statement.batches, 'slept'));
        for (let batch = 0; batch < statement.batches; batch++) yield* this.#await(sleep(0));
        return null;
      case 'throw':
        throw world.boom();
      case 'try':
        return yield* this.#try(scope, statement);
      case 'await':
        return yield* this.#await(this.#member(scope, statement.member, true));
      case 'shield':
        return yield* this.#shield(scope, statement.member);
      case 'waitFor':
        return yield* this.#await(
          waitFor(this.#member(scope, statement.member), statement.timeout),
        );
      case 'gather': {
        const members = statement.members.map((member) => this.#member(scope, member));
        const { returnExceptions } = statement;
        const results = (yield* this.#await(gather(members, { returnExceptions }))) as unknown[];
        // asyncio loses the message of a cancelled task, and keeps that of a future.
        return results.map((one) => (one instanceof CancelledError ? 'cancelled' : one));
      }
      case 'wait':
        return yield* this.#wait(scope, statement);
      case 'asCompleted':
        return yield* this.#asCompleted(scope, statement);
      case 'timeout': {
        const inside = (deadline: Timeout) => this.#nested({ ...scope, deadline }, statement.block);
        return yield* this.#await(timeout(statement.delay, inside));
      }
      case 'reschedule': {
        const when = statement.delay === null ? null : world.loop.time() + statement.delay;
        scope.deadline?.reschedule(when);
        return scope.deadline?.expired();
      }
      case 'group':
        return yield* this.#group(scope, statement);
      case 'spawn':
        this.#task(statement.body, statement.inGroup ? scope.group : null, statement.eager);
        return null;
      case 'cancel':
        return world.cancel(statement.index, statement.message ?? undefined);
      case 'uncancel':
        return currentTask()?.uncancel();
      case 'set':
        return world.set(statement.index, statement.outcome);
    }
  }

  *#try(scope: Scope, statement: Statement & { op: 'try' }): Steps {
    try {
      yield* this.#inner(scope, statement.block);
    } catch (error) {
      const { catches } = statement;
      if (catches === 'nothing') throw error;
      if (catches === 'errors' && error instanceof CancelledError) throw error;
      this.#world.log('swallows', error);
      yield* this.#inner(scope, statement.handler);
    } finally {
      yield* this.#inner(scope, statement.final);
    }
  }

  *#shield(scope: Scope, member: Member): Steps<unknown> {
    const inner = ensureFuture(this.#member(scope, member));
    this.#world.shielded.push(inner);
    return yield* this.#await(shield(inner));
  }

  *#wait(scope: Scope, statement: Statement & { op: 'wait' }): Steps<unknown> {
    const { returnWhen, timeout: limit } = statement;
    const members = statement.members.map((member) => this.#future(scope, member));
    try {
      const { done, pending } = (yield* this.#await(
        wait(members, { returnWhen, timeout: limit }),
      )) as { done: Set<Future>; pending: Set<Future> };
      return [this.#names(done), this.#names(pending)];
    } finally {
      // Which errors FIRST_EXCEPTION has looked at depends on the order of a set.
      for (const one of members) if (one.done() && !one.cancelled()) one.exception();
    }
  }

  *#asCompleted(scope: Scope, statement: Statement & { op: 'asCompleted' }): Steps<unknown> {
    const all = statement.members.map((member) => this.#future(scope, member));
    // asyncio puts them into a set: those that are done come in any order.
    const pending = all.filter((member) => !member.done());
    const members = pending.length > 0 ? pending : all.slice(0, 1);
    const results: unknown[] = [];
    const { timeout: limit } = statement;
    for (const next of asCompleted(members, { timeout: limit })) {
      try {
        results.push(yield* this.#await(next));
      } catch (error) {
        if (!(error instanceof Boom)) throw error;
        results.push(error);
      }
      this.#world.log('next', results.at(-1));
    }
    return results;
  }

  *#group(scope: Scope, statement: Statement & { op: 'group' }): Steps<unknown> {
    const { audit, faults } = this.#world;
    const group = new TaskGroup();
    const inside = () => this.#children({ ...scope, group }, statement);
    const body = this.#generators ? inside : () => stepped(inside());
    try {
      return yield* this.#await(group.run(body as () => Steps));
    } catch (error) {
      if (audit.hasLost(group, error)) faults.push('a group has lost the error of its body');
      throw error;
    }
  }

  *#children(scope: Scope, statement: Statement & { op: 'group' }): Steps {
    for (const child of statement.children) this.#task(child, scope.group);
    try {
      yield* this.#inner(scope, statement.block);
    } catch (error) {
      this.#world.audit.bodyThrew(scope.group, error);
      throw error;
    }
  }

  /** What a function of the user gives: a generator, or a promise. */
  #nested(scope: Scope, block: Block): Steps | Promise<void> {
    const steps = this.#block(scope, block);
    return this.#generators ? steps : stepped(steps);
  }

  /** A block in a block of the same task. */
  *#inner(scope: Scope, block: Block): Steps {
    if (this.#generators) yield* this.#block(scope, block);
    else yield stepped(this.#block(scope, block));
  }

  *#await(awaitable: PromiseLike<unknown> | Coroutine<unknown>): Steps<unknown> {
    const point = this.#world.suspend(awaitable);
    let value: unknown;
    try {
      value = this.#generators ? yield* awaitable as unknown as Steps<unknown> : yield awaitable;
    } catch (error) {
      point.thrown(error);
      throw error;
    }
    point.resumed(value);
    return value;
  }

  #bodyFunction(body: Body): () => Promise<string> | Steps<string> {
    return this.#generators ? () => this.#run(body) : () => stepped(this.#run(body));
  }

  #task(body: Body, group: TaskGroup | null = null, eagerStart = false): Task {
    const run = this.#bodyFunction(body) as () => Promise<string>;
    const task = (group?.createTask ?? createTask).call(group, run, { eagerStart }) as Task;
    if (group !== null) this.#world.audit.grouped(task);
    this.#world.tasks.set(body.id, task);
    return task;
  }

  /** `isAwaited` when an await is all that happens to it: then that answers for its error. */
  #member(scope: Scope, member: Member, isAwaited = false): PromiseLike<unknown> {
    if (member.kind !== 'coroutine') return this.#future(scope, member, isAwaited);
    if (!isAwaited) this.#world.excusedBodies.add(member.body.id);
    return coroutine(this.#bodyFunction(member.body))();
  }

  #future(scope: Scope, member: Member, isAwaited = false): Future {
    const future = 'body' in member ? this.#task(member.body) : this.#existing(scope, member);
    if (!isAwaited) this.#world.audit.excuse(future);
    return future;
  }

  #existing(scope: Scope, { kind, index }: Member & { index: number }): Future {
    const { program, tasks } = this.#world;
    // Only a later one: nobody waits for himself in a circle.
    const first = scope.body.id + 1;
    const later = program.count - first;
    const task = kind === 'future' || later === 0 ? undefined : tasks.get(first + (index % later));
    return task ?? this.#world.future(index);
  }

  #names(futures: Set<Future>): string[] {
    return [...futures].map((future) => this.#world.nameOf(future)).sort();
  }
}

/** Steps a generator as an async function would run: every yield is an await. */
async function stepped<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    let value: unknown;
    try {
      value = await step.value;
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(value);
  }
  return step.value;
}
