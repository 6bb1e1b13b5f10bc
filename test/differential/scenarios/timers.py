"""call_later and call_at: order among timers and against the ready queue. See ../timers.test.ts."""

from stage import Boom, log, scenario, turns


def until(loop, when):
    """Runs the loop until a timer at `when`, later than the others."""
    end = loop.create_future()
    loop.call_at(when, end.set_result, None)
    loop.run_until_complete(end)


@scenario
def order(loop):
    now = loop.time()
    loop.call_at(now + 0.006, log, 'third')
    loop.call_at(now + 0.002, log, 'first')
    loop.call_at(now + 0.004, log, 'second')
    until(loop, now + 0.008)


@scenario
def relative(loop):
    end = loop.create_future()
    loop.call_later(0.001, log, 'early')
    loop.call_later(0.005, log, 'late')
    loop.call_later(0.006, end.set_result, None)
    loop.run_until_complete(end)


@scenario
def equal(loop):
    when = loop.time() + 0.003
    loop.call_at(when, log, 'a')
    loop.call_at(when, log, 'b')
    until(loop, when + 0.001)


@scenario
def zero_and_negative(loop):
    loop.call_soon(log, 'a')
    loop.call_later(0, log, 'zero')
    loop.call_later(-5, log, 'negative')
    loop.call_soon(log, 'b')
    turns(loop, 3)


@scenario
def past(loop):
    now = loop.time()
    loop.call_at(now - 1, log, 'newer')
    loop.call_at(now - 2, log, 'older')
    turns(loop, 3)


@scenario
def due_joins_the_batch(loop):
    def ready():
        log('ready')
        loop.call_soon(log, 'next batch')

    loop.call_later(-1, log, 'timer')
    loop.call_soon(ready)
    turns(loop, 3)


@scenario
def from_callback(loop):
    def callback():
        loop.call_later(0, log, 'timer')
        loop.call_soon(log, 'soon')
        log('callback')

    loop.call_soon(callback)
    turns(loop, 3)


@scenario
def from_timer(loop):
    def first():
        log('first')
        loop.call_soon(log, 'soon')

    now = loop.time()
    loop.call_at(now - 2, first)
    loop.call_at(now - 1, log, 'second')
    turns(loop, 3)


@scenario
def cancelled_before(loop):
    now = loop.time()
    handle = loop.call_at(now + 0.001, log, 'never')
    loop.call_at(now + 0.002, log, 'b')
    handle.cancel()
    handle.cancel()
    log(handle.cancelled())
    until(loop, now + 0.003)


@scenario
def cancelled_by_earlier_timer(loop):
    def first():
        log('first')
        second.cancel()

    now = loop.time()
    loop.call_at(now - 2, first)
    second = loop.call_at(now - 1, log, 'never')
    loop.call_at(now, log, 'third')
    turns(loop, 3)


@scenario
def cancelled_by_ready_callback(loop):
    timer = loop.call_later(-1, log, 'never')
    loop.call_soon(timer.cancel)
    loop.call_soon(log, 'ready')
    turns(loop, 3)


@scenario
def cancelled_after(loop):
    timer = loop.call_later(-1, log, 'ran')
    turns(loop, 2)
    log(timer.cancelled())
    timer.cancel()
    log(timer.cancelled())


@scenario
def when(loop):
    timer = loop.call_at(12.5, log, 'ran')
    log(timer.when() == 12.5)
    timer.cancel()
    log(timer.when() == 12.5)


@scenario
def not_early(loop):
    def check():
        log(loop.time() >= when)

    when = loop.time() + 0.005
    loop.call_at(when, check)
    until(loop, when + 0.001)


@scenario
def error_in_timer(loop):
    def fail():
        raise Boom('in timer')

    loop.call_later(-2, fail)
    loop.call_later(-1, log, 'after')
    turns(loop, 3)
