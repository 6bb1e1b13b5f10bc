"""call_soon and its handles: order, cancellation, errors in callbacks. See ../handles.test.ts."""

from stage import Boom, attempt, log, logs, on_error, scenario, turns


@scenario
def order(loop):
    for name in 'abc':
        loop.call_soon(log, name)
    turns(loop, 2)


@scenario
def nested(loop):
    def outer(name):
        log('outer', name)
        loop.call_soon(log, 'inner', name)

    loop.call_soon(outer, 1)
    loop.call_soon(outer, 2)
    loop.call_soon(log, 'last')
    turns(loop, 3)


@scenario
def arguments(loop):
    loop.call_soon(log, 'a', 1, None, True, [1, 2])
    turns(loop, 1)


@scenario
def cancelled_before(loop):
    loop.call_soon(log, 'a')
    handle = loop.call_soon(log, 'never')
    loop.call_soon(log, 'b')
    log(handle.cancelled())
    handle.cancel()
    handle.cancel()
    log(handle.cancelled())
    turns(loop, 2)


@scenario
def cancelled_in_batch(loop):
    handles = {}

    def canceller():
        log('cancels')
        handles['later'].cancel()

    loop.call_soon(canceller)
    handles['later'] = loop.call_soon(log, 'never')
    loop.call_soon(log, 'b')
    turns(loop, 2)


@scenario
def cancels_itself(loop):
    handles = []

    def callback():
        handles[0].cancel()
        log('goes on', handles[0].cancelled())

    handles.append(loop.call_soon(callback))
    turns(loop, 2)
    log(handles[0].cancelled())


@scenario
def cancelled_after(loop):
    handle = loop.call_soon(log, 'ran')
    turns(loop, 1)
    log(handle.cancelled())
    handle.cancel()
    log(handle.cancelled())


def fail():
    raise Boom('in callback')


@scenario
def error_in_callback(loop):
    loop.call_soon(log, 'before')
    loop.call_soon(fail)
    loop.call_soon(log, 'after')
    turns(loop, 2)


@scenario
def handler_fails(loop):
    def handler(_loop, context):
        log('handler', context['exception'])
        raise Boom('in handler')

    defaults = []
    loop.default_exception_handler = lambda context: defaults.append(context)
    loop.set_exception_handler(handler)
    loop.call_soon(fail)
    loop.call_soon(log, 'after')
    turns(loop, 2)
    for context in defaults:
        log(context['message'], context['exception'], ' '.join(sorted(context)))


@scenario
def handler_is_called_with_loop(loop):
    log(loop.get_exception_handler() is on_error)
    loop.set_exception_handler(lambda owner, context: log(owner is loop, context['exception']))
    loop.call_soon(fail)
    turns(loop, 2)


@scenario
def handler_default_again(loop):
    defaults = []
    loop.default_exception_handler = lambda context: defaults.append(context)
    loop.set_exception_handler(None)
    log(loop.get_exception_handler())
    loop.call_soon(fail)
    turns(loop, 2)
    log(len(defaults), defaults[0]['exception'])


@scenario
def handler_of_own_context(loop):
    loop.set_exception_handler(lambda _, context: log(' '.join(sorted(context)), context['message']))
    loop.call_exception_handler({'message': 'mine', 'detail': 1})


@scenario
def handler_schedules(loop):
    loop.set_exception_handler(lambda _, context: loop.call_soon(log, context['exception']))
    loop.call_soon(fail)
    loop.call_soon(log, 'after')
    turns(loop, 3)


@scenario
def errors_one_after_another(loop):
    for _ in range(3):
        loop.call_soon(fail)
    loop.call_soon(logs('end'))
    turns(loop, 2)


@scenario
def closed(loop):
    loop.call_soon(log, 'dropped')
    loop.close()
    log(loop.is_closed())
    attempt('call_soon', lambda: loop.call_soon(log, 'never'))
    attempt('call_later', lambda: loop.call_later(0, log, 'never'))
    attempt('call_at', lambda: loop.call_at(0, log, 'never'))
    attempt('close', loop.close)
