"""Future: states, results, done callbacks. See ../futures.test.ts."""

from stage import Boom, attempt, log, logs, scenario, turns


@scenario
def pending(loop):
    future = loop.create_future()
    log(future.done(), future.cancelled())
    attempt('result', future.result)
    attempt('exception', future.exception)
    log(future.get_loop() is loop)


@scenario
def finished(loop):
    future = loop.create_future()
    attempt('set', lambda: future.set_result(1))
    log(future.done(), future.cancelled())
    attempt('result', future.result)
    attempt('exception', future.exception)


@scenario
def failed(loop):
    future = loop.create_future()
    future.set_exception(Boom('x'))
    log(future.done(), future.cancelled())
    attempt('result', future.result)
    attempt('result again', future.result)
    attempt('exception', future.exception)


@scenario
def cancelled(loop):
    future = loop.create_future()
    log(future.cancel())
    log(future.done(), future.cancelled())
    log(future.cancel())
    attempt('result', future.result)
    attempt('exception', future.exception)


@scenario
def cancelled_with_message(loop):
    future = loop.create_future()
    future.cancel('first')
    future.cancel('second')
    attempt('result', future.result)
    attempt('result again', future.result)


@scenario
def set_twice(loop):
    def set_all(future):
        attempt('set_result', lambda: future.set_result(2))
        attempt('set_exception', lambda: future.set_exception(Boom('late')))
        attempt('cancel', future.cancel)
        attempt('result', future.result)

    futures = [loop.create_future() for _ in range(3)]
    futures[0].set_result(1)
    futures[1].set_exception(Boom('early'))
    futures[2].cancel()
    for future in futures:
        set_all(future)


@scenario
def callbacks_in_order(loop):
    future = loop.create_future()
    for name in 'abc':
        future.add_done_callback(logs(name))
    future.set_result(1)
    log('set')
    turns(loop, 2)


@scenario
def callbacks_get_the_future(loop):
    future = loop.create_future()
    future.add_done_callback(lambda done: log(done is future, done.result()))
    future.set_result(1)
    turns(loop, 2)


@scenario
def callbacks_of_cancelled(loop):
    future = loop.create_future()
    future.add_done_callback(lambda done: log('called', done.cancelled()))
    future.cancel()
    turns(loop, 2)


@scenario
def callback_added_when_done(loop):
    future = loop.create_future()
    future.set_result(1)
    loop.call_soon(log, 'ready before')
    future.add_done_callback(logs('callback'))
    loop.call_soon(log, 'ready after')
    log('added')
    turns(loop, 2)


@scenario
def callbacks_among_ready(loop):
    future = loop.create_future()
    future.add_done_callback(logs('a'))
    future.add_done_callback(logs('b'))
    loop.call_soon(log, 'first')
    loop.call_soon(future.set_result, 1)
    loop.call_soon(log, 'second')
    turns(loop, 3)


@scenario
def removed(loop):
    future = loop.create_future()
    first, second = logs('first'), logs('second')
    future.add_done_callback(first)
    future.add_done_callback(second)
    log(future.remove_done_callback(first))
    log(future.remove_done_callback(first))
    log(future.remove_done_callback(logs('unknown')))
    future.set_result(1)
    turns(loop, 2)


@scenario
def duplicates(loop):
    future = loop.create_future()
    twice, other = logs('twice'), logs('other')
    future.add_done_callback(twice)
    future.add_done_callback(other)
    future.add_done_callback(twice)
    future.set_result(1)
    turns(loop, 2)


@scenario
def duplicates_removed(loop):
    future = loop.create_future()
    twice, other = logs('twice'), logs('other')
    future.add_done_callback(twice)
    future.add_done_callback(other)
    future.add_done_callback(twice)
    log(future.remove_done_callback(twice))
    future.set_result(1)
    turns(loop, 2)


@scenario
def removed_when_done(loop):
    future = loop.create_future()
    second = logs('second')

    def first(_):
        log('first removes', future.remove_done_callback(second))

    future.add_done_callback(first)
    future.add_done_callback(second)
    future.set_result(1)
    log(future.remove_done_callback(second))
    turns(loop, 2)


@scenario
def callback_adds_callbacks(loop):
    future = loop.create_future()

    def first(_):
        log('first')
        future.add_done_callback(logs('added by first'))

    future.add_done_callback(first)
    future.add_done_callback(logs('second'))
    future.set_result(1)
    turns(loop, 3)


@scenario
def callback_finishes_another(loop):
    one, two = loop.create_future(), loop.create_future()
    two.add_done_callback(logs('two'))
    one.add_done_callback(lambda _: two.set_result(1))
    one.add_done_callback(logs('one'))
    one.set_result(1)
    turns(loop, 3)


@scenario
def callback_fails(loop):
    future = loop.create_future()

    def fail(_):
        raise Boom('in done callback')

    future.add_done_callback(logs('a'))
    future.add_done_callback(fail)
    future.add_done_callback(logs('b'))
    future.set_result(1)
    turns(loop, 2)


@scenario
def never_set(loop):
    future = loop.create_future()
    future.add_done_callback(logs('never'))
    turns(loop, 2)
    log(future.done())
