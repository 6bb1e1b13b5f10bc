/**
 * What holds for locks and queues in every program, however tasks wait, are cancelled and are woken.
 *
 * Never too many holders; every permit comes back; those who were not cancelled get their turn, in the
 * order in which they asked; no item and no notification is lost or doubled. A failure shows the seed
 * and the shortest program that fails.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  type Future,
  Lock,
  PriorityQueue,
  Queue,
  Semaphore,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { programs, Request, rest, runProgram, type Step } from './programs.js';

const RUNS = { numRuns: 400 };

describe('properties of locks and queues', function () {
  this.timeout(20_000);
  leavesNothingOpen();

  /** One who holds does nothing until main releases. */
  async function holders(
    lock: Lock | Semaphore,
    permits: number,
    program: readonly Step[],
  ): Promise<void> {
    const asked: number[] = [];
    const got: number[] = [];
    let held = 0;
    const release = () => {
      if (held === 0) return;
      held--;
      lock.release();
    };
    await runProgram(
      program,
      {
        request: ({ style }, number) =>
          new Request(
            style,
            (options) => {
              asked.push(number);
              return lock.acquire(options);
            },
            () => {
              got.push(number);
              ok(++held <= permits, 'there are too many holders');
            },
          ),
        act: release,
        atRest: (waiting) => ok(held === permits || waiting.length === 0, 'a permit lies idle'),
      },
      async (requests) => {
        while (held > 0) {
          release();
          await rest(requests);
        }
        for (const { task, cancelled } of requests) {
          ok(task.done(), 'a request hangs');
          ok(cancelled || !task.cancelled(), 'a request was cancelled by nobody');
        }
        deepEqual(
          got,
          asked.filter((number) => got.includes(number)),
          'someone was overtaken',
        );
        for (let count = 0; count < permits; count++) ok((await given(lock)) !== null);
        equal(lock.locked(), true);
      },
    );
  }

  /** What acquire() gives at once. */
  async function given(lock: Lock | Semaphore): Promise<unknown> {
    const acquiring = lock.acquire();
    ok(acquiring.done(), 'a permit is missing');
    return acquiring;
  }

  it('a lock has one holder, and everyone gets it in turn', () =>
    fc.assert(
      fc.asyncProperty(programs, (program) => holders(new Lock(), 1, program)),
      RUNS,
    ));

  it('the permits of a semaphore are neither lost nor doubled', () =>
    fc.assert(
      fc.asyncProperty(programs, fc.integer({ min: 1, max: 3 }), (program, permits) =>
        holders(new Semaphore(permits), permits, program),
      ),
      RUNS,
    ));

  it('nor are those of a bounded one, which never complains', () =>
    fc.assert(
      fc.asyncProperty(programs, fc.integer({ min: 1, max: 3 }), (program, permits) =>
        holders(new BoundedSemaphore(permits), permits, program),
      ),
      RUNS,
    ));

  /** Requests of an even kind put, the others take; main does so without waiting. */
  async function items(queue: Queue<number>, inOrder: boolean, program: readonly Step[]) {
    const put: number[] = [];
    const taken: number[] = [];
    let next = 0;
    const take = (item: unknown) => void taken.push(item as number);
    const putters = new Set<Request>();
    await runProgram(
      program,
      {
        request: ({ style, kind }) => {
          if (kind % 2 !== 0) return new Request(style, (options) => queue.get(options), take);
          const item = next++;
          const request = new Request(
            style,
            (options) => queue.put(item, options),
            () => put.push(item),
          );
          putters.add(request);
          return request;
        },
        act: (kind) => {
          if (kind % 2 === 0 && !queue.full()) {
            put.push(next);
            queue.putNowait(next++);
          } else if (kind % 2 !== 0 && !queue.empty()) {
            take(queue.getNowait());
          }
        },
        atRest: (waiting) => {
          for (const request of waiting) {
            if (putters.has(request)) ok(queue.full(), 'someone waits for a place that there is');
            else ok(queue.empty(), 'someone waits for an item that there is');
          }
        },
      },
      async (requests) => {
        while (!queue.empty()) {
          take(queue.getNowait());
          await rest(requests);
        }
        queue.shutdown();
        await rest(requests);
        ok(
          requests.every(({ task }) => task.done()),
          'a request hangs',
        );
        if (inOrder) deepEqual(taken, put);
        else deepEqual(taken.sort(), put.sort());
      },
    );
  }

  it('the items of a queue leave once, in order, and only those that were put', () =>
    fc.assert(
      fc.asyncProperty(programs, fc.nat({ max: 3 }), (program, maxsize) =>
        items(new Queue(maxsize), true, program),
      ),
      RUNS,
    ));

  it('the items of a priority queue leave once, and only those that were put', () =>
    fc.assert(
      fc.asyncProperty(programs, fc.nat({ max: 3 }), (program, maxsize) =>
        items(new PriorityQueue(maxsize), false, program),
      ),
      RUNS,
    ));

  it('a priority queue sorts as Array.sort() does', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.string({ maxLength: 2 }))), (list) => {
        const queue = new PriorityQueue<[number, string]>();
        for (const item of list) queue.putNowait(item);
        const text = (item: [number, string]) => item[0] + item[1];
        deepEqual(
          list.map(() => queue.getNowait()),
          list.sort((left, right) => {
            if (left[0] !== right[0]) return left[0] - right[0];
            if (text(left) === text(right)) return 0;
            return text(left) < text(right) ? -1 : 1;
          }),
        );
      }),
    ));

  it('a notification is never lost: nobody waits for what is there', () =>
    fc.assert(
      fc.asyncProperty(programs, async (program) => {
        const condition = new Condition();
        let stock = 0;
        let made = 0;
        let used = 0;
        const makes: Future<void>[] = [];
        await runProgram(
          program,
          {
            request: ({ style }) =>
              new Request(
                style,
                (options) =>
                  condition.run(function* () {
                    yield* condition.waitFor(() => stock > 0, options);
                    stock--;
                    used++;
                  }, options),
                () => {},
              ),
            act: (kind) => {
              // Less than is asked for, so that there is always somebody who waits.
              if (kind > 1) return;
              const make = () => {
                stock++;
                made++;
                condition.notify();
                condition.release();
              };
              // In this very slot if it can be, so that a cancellation may follow at once.
              const acquiring = condition.acquire();
              if (acquiring.done()) make();
              else makes.push(acquiring.then(make));
            },
            atRest: (waiting) => {
              ok(stock === 0 || waiting.length === 0, 'someone waits for what is there');
              equal(made, used + stock);
              equal(condition.locked(), false);
            },
          },
          async (requests) => {
            await Promise.all(makes);
            for (const request of requests) request.cancel();
            await rest(requests);
            equal(String(condition), '<Condition [unlocked]>');
          },
        );
      }),
      RUNS,
    ));

  it('a barrier lets go in groups of its size, and never keeps a full group', () =>
    fc.assert(
      fc.asyncProperty(programs, fc.integer({ min: 1, max: 4 }), async (program, parties) => {
        const barrier = new Barrier(parties);
        const passed: number[] = [];
        await runProgram(
          program,
          {
            request: ({ style }) =>
              new Request(
                style,
                (options) => barrier.wait(options),
                (index) => passed.push(index as number),
              ),
            act: () => {},
            atRest: (waiting) => {
              equal(barrier.nWaiting, waiting.length);
              ok(waiting.length < parties, 'a full group waits');
            },
          },
          async (requests) => {
            ok(passed.every((index) => index < parties));
            for (const request of requests) request.cancel();
            await rest(requests);
            equal(String(barrier), `<Barrier [filling, waiters:0/${parties}]>`);
          },
        );
      }),
      RUNS,
    ));
});
