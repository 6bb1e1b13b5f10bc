/**
 * callLater and callAt against CPython: order among timers and against the ready queue.
 *
 * Each test is the twin of the function of that name in scenarios/timers.py. Times that decide the
 * order are read from one clock value, so that the order holds however late the timers are.
 */

import { type EventLoop, Future } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { Boom, theme } from './stage.js';

/** Runs the loop until a timer at `when`, later than the others. */
async function until(loop: EventLoop, when: number): Promise<void> {
  const end = new Future<void>({ loop });
  loop.callAt(when, () => end.setResult());
  await loop.runUntilComplete(end);
}

describe('timers, as in asyncio', () => {
  leavesNothingOpen();
  const { same } = theme('timers');

  same('timers run in the order of their times', 'order', ({ loop, log }) => {
    const now = loop.time();
    loop.callAt(now + 6, log, 'third');
    loop.callAt(now + 2, log, 'first');
    loop.callAt(now + 4, log, 'second');
    return until(loop, now + 8);
  });

  same('delays count from now', 'relative', async ({ loop, log }) => {
    const end = new Future<void>({ loop });
    loop.callLater(1, log, 'early');
    loop.callLater(5, log, 'late');
    loop.callLater(6, () => end.setResult());
    await loop.runUntilComplete(end);
  });

  same('timers of one time run in the order of their making', 'equal', ({ loop, log }) => {
    const when = loop.time() + 3;
    loop.callAt(when, log, 'a');
    loop.callAt(when, log, 'b');
    return until(loop, when + 1);
  });

  same(
    'timers without delay run behind the ready callbacks, the more negative first (call_later_negative)',
    'zero_and_negative',
    ({ loop, log, turns }) => {
      loop.callSoon(log, 'a');
      loop.callLater(0, log, 'zero');
      loop.callLater(-5000, log, 'negative');
      loop.callSoon(log, 'b');
      return turns(3);
    },
  );

  same('times that are past are due at once, in order', 'past', ({ loop, log, turns }) => {
    const now = loop.time();
    loop.callAt(now - 1000, log, 'newer');
    loop.callAt(now - 2000, log, 'older');
    return turns(3);
  });

  same('a due timer joins the end of the batch', 'due_joins_the_batch', ({ loop, log, turns }) => {
    loop.callLater(-1000, log, 'timer');
    loop.callSoon(() => {
      log('ready');
      loop.callSoon(log, 'next batch');
    });
    return turns(3);
  });

  same('a timer made in a callback waits for the next batch', 'from_callback', (stage) => {
    const { loop, log } = stage;
    loop.callSoon(() => {
      loop.callLater(0, log, 'timer');
      loop.callSoon(log, 'soon');
      log('callback');
    });
    return stage.turns(3);
  });

  same('what a timer schedules runs behind the other due timers', 'from_timer', (stage) => {
    const { loop, log } = stage;
    const now = loop.time();
    loop.callAt(now - 2000, () => {
      log('first');
      loop.callSoon(log, 'soon');
    });
    loop.callAt(now - 1000, log, 'second');
    return stage.turns(3);
  });

  same('a cancelled timer does not run', 'cancelled_before', ({ loop, log }) => {
    const now = loop.time();
    const handle = loop.callAt(now + 1, log, 'never');
    loop.callAt(now + 2, log, 'b');
    handle.cancel();
    handle.cancel();
    log(handle.cancelled());
    return until(loop, now + 3);
  });

  same(
    'a timer cancelled by an earlier timer of its batch does not run',
    'cancelled_by_earlier_timer',
    ({ loop, log, turns }) => {
      const now = loop.time();
      loop.callAt(now - 2000, () => {
        log('first');
        second.cancel();
      });
      const second = loop.callAt(now - 1000, log, 'never');
      loop.callAt(now, log, 'third');
      return turns(3);
    },
  );

  same(
    'a due timer cancelled by a ready callback does not run',
    'cancelled_by_ready_callback',
    ({ loop, log, turns }) => {
      const timer = loop.callLater(-1000, log, 'never');
      loop.callSoon(() => timer.cancel());
      loop.callSoon(log, 'ready');
      return turns(3);
    },
  );

  same('a timer can be cancelled after it ran', 'cancelled_after', async (stage) => {
    const timer = stage.loop.callLater(-1000, stage.log, 'ran');
    await stage.turns(2);
    stage.log(timer.cancelled());
    timer.cancel();
    stage.log(timer.cancelled());
  });

  same('when() is the time it was made with, even when cancelled', 'when', ({ loop, log }) => {
    const timer = loop.callAt(12.5, log, 'ran');
    log(timer.when() === 12.5);
    timer.cancel();
    log(timer.when() === 12.5);
  });

  same('a timer is never early by the clock of the loop', 'not_early', ({ loop, log }) => {
    const when = loop.time() + 5;
    loop.callAt(when, () => log(loop.time() >= when));
    return until(loop, when + 1);
  });

  same('an error in a timer is reported and stops nothing', 'error_in_timer', (stage) => {
    stage.loop.callLater(-2000, () => {
      throw new Boom('in timer');
    });
    stage.loop.callLater(-1000, stage.log, 'after');
    return stage.turns(3);
  });
});
