/**
 * Operation: when its body runs, what cancels it, and that its end and the waiter's going on are one slot.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { Operation, type OperationBody } from '../../src/core/operation.js';
import { createTask, type EventLoop, Future, newEventLoop, setEventLoop } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

describe('Operation', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  beforeEach(() => {
    loop = newEventLoop();
    setEventLoop(loop);
  });
  afterEach(() => {
    setEventLoop(null);
    loop.close();
  });

  /** Waits for `future`, and logs what it sees. */
  function* waiting(future: Future<unknown>, seen: unknown[]): OperationBody<unknown> {
    try {
      return yield* future;
    } catch (error) {
      seen.push((error as Error).message);
      throw error;
    }
  }

  it('a body that does not wait is done on return', async () => {
    const future = new Future<number>();
    future.setResult(1);
    const operation = new Operation(loop, waiting(future, []));
    ok(operation.done());
    equal(await operation, 1);
  });

  it('a bare yield gives way for one batch', async () => {
    const order: string[] = [];
    loop.callSoon(() => order.push('callback'));
    const operation = new Operation(
      loop,
      (function* (): OperationBody<void> {
        yield;
        order.push('body');
      })(),
    );
    loop.callSoon(() => order.push('later'));
    await operation;
    await new Promise<void>((turn) => loop.callSoon(turn));
    deepEqual(order, ['callback', 'body', 'later']);
  });

  it('the waiter goes on in the slot in which the body has ended', async () => {
    const order: string[] = [];
    const future = new Future<string>();
    const task = createTask(function* () {
      order.push(yield* new Operation(loop, waiting(future, [])) as Future<string>);
    });
    await new Promise<void>((turn) => loop.callSoon(turn));
    loop.callSoon(() => order.push('before'));
    future.setResult('result');
    loop.callSoon(() => order.push('after'));
    await task;
    await new Promise<void>((turn) => loop.callSoon(turn));
    deepEqual(order, ['before', 'result', 'after']);
  });

  it('of two cancellations the body and the waiter hear of the first', async () => {
    const seen: unknown[] = [];
    const operation = new Operation(loop, waiting(new Future(), seen));
    deepEqual([operation.cancel('first'), operation.cancel('second')], [true, true]);
    await rejects(async () => await operation, { name: 'CancelledError', message: 'first' });
    deepEqual(seen, ['first']);
    equal(operation.cancel('third'), false);
  });

  it('a cancellation that comes after the result is thrown into the body', async () => {
    const seen: unknown[] = [];
    const future = new Future<string>();
    const operation = new Operation(loop, waiting(future, seen));
    future.setResult('result');
    equal(operation.cancel('late'), true);
    await rejects(async () => await operation, { message: 'late' });
    deepEqual(seen, ['late']);
  });

  it('a body may swallow its cancellation', async () => {
    const operation = new Operation(
      loop,
      (function* (): OperationBody<string> {
        try {
          yield* new Future();
        } catch {
          yield;
        }
        return 'still there';
      })(),
    );
    operation.cancel();
    equal(await operation, 'still there');
  });

  it('takes its result from its body only', async () => {
    const future = new Future<number>();
    const operation: Future<unknown> = new Operation(loop, waiting(future, []));
    throws(() => operation.setResult(2), /RuntimeError: setResult operation is not supported/);
    throws(() => operation.setException(new Error('e')), /setException operation is not supported/);
    future.setResult(1);
    equal(await operation, 1);
  });
});
