/**
 * callSoon and its handles against CPython: order, cancellation, errors in callbacks.
 *
 * Each test is the twin of the function of that name in scenarios/handles.py.
 */

import type { ExceptionContext, Handle } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { Boom, theme } from './stage.js';

function fail(): never {
  throw new Boom('in callback');
}

describe('handles, as in asyncio', () => {
  leavesNothingOpen();
  const { same } = theme('handles');

  same(
    'callbacks run in the order in which they were scheduled',
    'order',
    ({ loop, log, turns }) => {
      for (const name of 'abc') loop.callSoon(log, name);
      return turns(2);
    },
  );

  same('what a callback schedules runs after its batch', 'nested', ({ loop, log, turns }) => {
    const outer = (name: number) => {
      log('outer', name);
      loop.callSoon(log, 'inner', name);
    };
    loop.callSoon(outer, 1);
    loop.callSoon(outer, 2);
    loop.callSoon(log, 'last');
    return turns(3);
  });

  same(
    'a callback gets the arguments it was scheduled with',
    'arguments',
    ({ loop, log, turns }) => {
      loop.callSoon(log, 'a', 1, null, true, [1, 2]);
      return turns(1);
    },
  );

  same('a cancelled callback does not run', 'cancelled_before', ({ loop, log, turns }) => {
    loop.callSoon(log, 'a');
    const handle = loop.callSoon(log, 'never');
    loop.callSoon(log, 'b');
    log(handle.cancelled());
    handle.cancel();
    handle.cancel();
    log(handle.cancelled());
    return turns(2);
  });

  same(
    'a callback cancelled by an earlier one of its batch does not run',
    'cancelled_in_batch',
    ({ loop, log, turns }) => {
      loop.callSoon(() => {
        log('cancels');
        later.cancel();
      });
      const later = loop.callSoon(log, 'never');
      loop.callSoon(log, 'b');
      return turns(2);
    },
  );

  same('a callback that cancels itself goes on', 'cancels_itself', async ({ loop, log, turns }) => {
    const handle: Handle = loop.callSoon(() => {
      handle.cancel();
      log('goes on', handle.cancelled());
    });
    await turns(2);
    log(handle.cancelled());
  });

  same(
    'a handle can be cancelled after it ran',
    'cancelled_after',
    async ({ loop, log, turns }) => {
      const handle = loop.callSoon(log, 'ran');
      await turns(1);
      log(handle.cancelled());
      handle.cancel();
      log(handle.cancelled());
    },
  );

  same('an error in a callback is reported and stops nothing', 'error_in_callback', (stage) => {
    stage.loop.callSoon(stage.log, 'before');
    stage.loop.callSoon(fail);
    stage.loop.callSoon(stage.log, 'after');
    return stage.turns(2);
  });

  same(
    'an exception handler that fails is reported to the default one (set_exc_handler_broken)',
    'handler_fails',
    async ({ loop, log, turns }) => {
      const defaults: ExceptionContext[] = [];
      loop.defaultExceptionHandler = (context) => void defaults.push(context);
      loop.setExceptionHandler((_loop, context) => {
        log('handler', context.exception);
        throw new Boom('in handler');
      });
      loop.callSoon(fail);
      loop.callSoon(log, 'after');
      await turns(2);
      for (const context of defaults) {
        log(context.message, context.exception, Object.keys(context).sort().join(' '));
      }
    },
  );

  same(
    'the exception handler gets the loop and can be read back',
    'handler_is_called_with_loop',
    ({ loop, log, turns }) => {
      const first = loop.getExceptionHandler();
      log(typeof first === 'function');
      loop.setExceptionHandler((owner, context) => log(owner === loop, context.exception));
      loop.callSoon(fail);
      return turns(2);
    },
  );

  same(
    'null restores the default exception handler',
    'handler_default_again',
    async ({ loop, log, turns }) => {
      const defaults: ExceptionContext[] = [];
      loop.defaultExceptionHandler = (context) => void defaults.push(context);
      loop.setExceptionHandler(null);
      log(loop.getExceptionHandler());
      loop.callSoon(fail);
      await turns(2);
      log(defaults.length, defaults[0]?.exception);
    },
  );

  same(
    'anybody may call the exception handler, with a context of their own',
    'handler_of_own_context',
    ({ loop, log }) => {
      loop.setExceptionHandler((_loop, context) =>
        log(Object.keys(context).sort().join(' '), context.message),
      );
      loop.callExceptionHandler({ message: 'mine', detail: 1 });
    },
  );

  same('an exception handler may schedule', 'handler_schedules', ({ loop, log, turns }) => {
    loop.setExceptionHandler((_loop, context) => loop.callSoon(log, context.exception));
    loop.callSoon(fail);
    loop.callSoon(log, 'after');
    return turns(3);
  });

  same('every error of a batch is reported', 'errors_one_after_another', (stage) => {
    for (let count = 0; count < 3; count++) stage.loop.callSoon(fail);
    stage.loop.callSoon(stage.logs('end'));
    return stage.turns(2);
  });

  same('a closed loop takes no callbacks', 'closed', ({ loop, log, attempt }) => {
    loop.callSoon(log, 'dropped');
    loop.close();
    log(loop.isClosed());
    attempt('call_soon', () => loop.callSoon(log, 'never'));
    attempt('call_later', () => loop.callLater(0, log, 'never'));
    attempt('call_at', () => loop.callAt(0, log, 'never'));
    attempt('close', () => loop.close());
  });
});
