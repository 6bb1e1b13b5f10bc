/**
 * A little language of programs that do what users of tasks do: wait, throw, catch, cancel, nest.
 *
 * A program is plain JSON, so that Python can run it too (scenarios/programs/interpreter.py). Its coroutines are
 * numbered outside in. A coroutine may wait only for later ones, so that no program waits for itself; it may
 * cancel any. Delays and deadlines are in batches of the loop, which are its clock here.
 */

import fc from 'fast-check';

/** Statements that run one after the other in one task. */
export type Block = Statement[];

/** What a task is made of; `id` is given by number(). */
export interface Body {
  id: number;
  block: Block;
}

export type ReturnWhen = 'FIRST_COMPLETED' | 'FIRST_EXCEPTION' | 'ALL_COMPLETED';

/** What is waited for: a coroutine, a new task, a shared future, or a task that there may be. */
export type Member =
  | { kind: 'coroutine' | 'task'; body: Body }
  | { kind: 'future' | 'existing'; index: number };

export type Statement =
  | { op: 'sleep'; batches: number; atOnce: boolean }
  | { op: 'throw' }
  | { op: 'try'; block: Block; catches: 'nothing' | 'errors' | 'all'; handler: Block; final: Block }
  | { op: 'await' | 'shield'; member: Member }
  | { op: 'waitFor'; member: Member; timeout: number | null }
  | { op: 'gather'; members: Member[]; returnExceptions: boolean }
  | { op: 'wait'; members: Member[]; returnWhen: ReturnWhen; timeout: number | null }
  | { op: 'asCompleted'; members: Member[]; timeout: number | null }
  | { op: 'timeout'; delay: number | null; block: Block }
  | { op: 'reschedule'; delay: number | null }
  | { op: 'group'; children: Body[]; block: Block }
  | { op: 'spawn'; body: Body; inGroup: boolean; eager: boolean }
  | { op: 'cancel'; index: number; message: string | null }
  | { op: 'uncancel' }
  | { op: 'set'; index: number; outcome: Outcome };

export type Outcome = 'result' | 'exception' | 'cancel';

/** Something that a callback does to the program from outside, in the batch `tick`. */
export type Event =
  | { tick: number; op: 'cancel'; index: number }
  | { tick: number; op: 'set'; index: number; outcome: Outcome };

export interface Program {
  main: Body;
  events: Event[];
  /** How many coroutines there are; given by number(). */
  count: number;
}

/** How many futures a program shares. */
export const FUTURES = 3;

/** From here on whoever still waits for a shared future gets its result. */
export const RELEASE = 30;

const small = fc.nat(4);
const index = fc.nat(9);
const delay = fc.option(fc.nat(6), { freq: 4 });
const outcome = fc.constantFrom<Outcome>('result', 'exception', 'cancel');

export interface Choice {
  /** Statements that the programs do without. */
  without?: readonly Statement['op'][];
  /** How long and how deep they become. */
  size?: 'small' | 'medium' | 'large';
  /** Whether there are tasks that start eagerly. */
  eager?: boolean;
}

/** Programs, of any statements or of all but some. */
export function programs({
  without = [],
  size = 'small',
  eager = true,
}: Choice = {}): fc.Arbitrary<Program> {
  const { block } = fc.letrec<{ block: Block; body: Body; member: Member; statement: Statement }>(
    (tie) => {
      const body = tie('block').map((inner): Body => ({ id: 0, block: inner }));
      const member: fc.Arbitrary<Member> = fc.oneof(
        { depthSize: size, withCrossShrink: true },
        fc.record({ kind: fc.constantFrom('future', 'existing'), index }),
        fc.record({ kind: fc.constantFrom('coroutine', 'task'), body }),
      );
      const members = fc.array(member, { minLength: 1, maxLength: 3, size });
      const leaves: fc.Arbitrary<Statement>[] = [
        fc.record({ op: fc.constant('sleep'), batches: small, atOnce: fc.boolean() }),
        fc.record({ op: fc.constant('throw') }),
        fc.record({ op: fc.constant('reschedule'), delay }),
        fc.record({ op: fc.constant('cancel'), index, message: fc.constantFrom(null, 'why') }),
        fc.record({ op: fc.constant('uncancel') }),
        fc.record({ op: fc.constant('set'), index, outcome }),
      ];
      const attempt: fc.Arbitrary<Statement> = fc.record({
        op: fc.constant('try'),
        block: tie('block'),
        catches: fc.constantFrom('nothing', 'errors', 'all'),
        handler: tie('block'),
        final: tie('block'),
      });
      const group: fc.Arbitrary<Statement> = fc.record({
        op: fc.constant('group'),
        children: fc.array(body, { maxLength: 3, size }),
        block: tie('block'),
      });
      const trees: fc.Arbitrary<Statement>[] = [
        fc.record({ op: fc.constantFrom('await', 'shield'), member }),
        fc.record({ op: fc.constant('waitFor'), member, timeout: delay }),
        fc.record({ op: fc.constant('gather'), members, returnExceptions: fc.boolean() }),
        fc.record({
          op: fc.constant('wait'),
          members,
          returnWhen: fc.constantFrom('FIRST_COMPLETED', 'FIRST_EXCEPTION', 'ALL_COMPLETED'),
          timeout: delay,
        }),
        fc.record({ op: fc.constant('asCompleted'), members, timeout: delay }),
        fc.record({ op: fc.constant('timeout'), delay, block: tie('block') }),
        fc.record({
          op: fc.constant('spawn'),
          body,
          inGroup: fc.boolean(),
          eager: fc.constantFrom(false, eager),
        }),
      ] as fc.Arbitrary<Statement>[];
      const statement = fc.oneof(
        { depthSize: size, withCrossShrink: true },
        { arbitrary: fc.oneof(...leaves), weight: 4 },
        { arbitrary: attempt, weight: 3 },
        { arbitrary: group, weight: 2 },
        ...trees.map((arbitrary) => ({ arbitrary, weight: 1 })),
      );
      return {
        body,
        member,
        statement: statement.filter((one) => !without.includes(one.op)),
        block: fc.array(tie('statement'), { maxLength: 4, size }),
      };
    },
  );
  const tick = fc.nat(8);
  const event: fc.Arbitrary<Event> = fc.oneof(
    fc.record({ tick, op: fc.constant('cancel'), index }),
    fc.record({ tick, op: fc.constant('set'), index, outcome }),
  );
  return fc
    .record({ main: block, events: fc.array(event, { maxLength: 4 }) })
    .map(({ main, events }) => number({ id: 0, block: main }, events));
}

/** Gives every coroutine its number, outside in. */
function number(main: Body, events: Event[]): Program {
  let count = 0;
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== 'object' || node === null) return node;
    const id = 'id' in node ? { id: count++ } : {};
    const entries = Object.entries(node).filter(([key]) => key !== 'id');
    return { ...id, ...Object.fromEntries(entries.map(([key, value]) => [key, visit(value)])) };
  };
  return { main: visit(main) as Body, events, count };
}
