"""What a program runs in: a loop whose clock counts batches, the shared futures, the trace.

The counterpart of test/programs/world.ts.
"""

import asyncio
import gc

from newer import NewerTask

FUTURES = 3
RELEASE = 30
LAST_TICK = 2000
LAST_EVENT = 8


class Boom(Exception):
    """An error that a program raises."""


class BatchLoop(asyncio.SelectorEventLoop):
    """Its clock is the number of its batches."""

    ticks = 0
    timers = 0

    def time(self):
        return self.ticks

    def call_at(self, when, callback, *args, context=None):
        # Timers of one batch run in the order in which they were made; a heap alone would not keep it.
        self.timers += 1
        when += self.timers * 1e-6 - 0.5
        return super().call_at(when, callback, *args, context=context)

    def timers_left(self):
        return sum(not timer.cancelled() for timer in self._scheduled)


def show(value):
    if value is None:
        return 'none'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, BaseExceptionGroup):
        return 'Group' + show(value.exceptions)
    if isinstance(value, (list, tuple)):
        return '[' + ', '.join(map(show, value)) + ']'
    if isinstance(value, (Boom, asyncio.CancelledError)):
        return f'{type(value).__name__}({value})'
    if isinstance(value, BaseException):
        return type(value).__name__
    return str(value)


def forget_frames(errors):
    """Lets go of what the frames of `errors` hold, so that it can be collected."""
    left = list(errors)
    while left:
        error = left.pop()
        left += filter(None, [error.__context__, error.__cause__, *getattr(error, 'exceptions', [])])
        error.__traceback__ = error.__context__ = error.__cause__ = None


class World:
    def __init__(self, program):
        self.program = program
        self.loop = BatchLoop()
        self.loop.set_task_factory(
            lambda loop, coro, **options: NewerTask(coro, loop=loop, **options)
        )
        self.loop.set_exception_handler(self.report)
        self.tasks = {}
        self.futures = [self.loop.create_future() for _ in range(FUTURES)]
        self.trace = []
        self.reported = []
        self.shielded = []
        self.booms = 0

    def log(self, *words):
        self.trace.append(' '.join([f'@{self.loop.ticks}', *map(show, words)]))

    def boom(self):
        self.booms += 1
        return Boom(str(self.booms))

    def set(self, index, outcome):
        future = self.futures[index % FUTURES]
        if future.done():
            return False
        if outcome == 'cancel':
            return future.cancel()
        if outcome == 'exception':
            future.set_exception(self.boom())
        else:
            future.set_result(f'f{index % FUTURES}')
        return True

    def name_of(self, future):
        for number, task in self.tasks.items():
            if task is future:
                return f't{number}'
        return f'f{self.futures.index(future)}'

    def run(self, main):
        """Runs the task that `main` starts and whatever comes of it; the trace."""
        loop = self.loop

        def start():
            self.tick()
            main()

        loop.call_soon(start)
        asyncio.set_event_loop(loop)
        loop.run_forever()
        if left := len(asyncio.all_tasks(loop)):
            self.log(f'{left} tasks hang')
        # Since 3.14 shield() reports what nobody waits for any more, and reports it at once.
        excused = [one.exception() for one in self.shielded if one.done() and not one.cancelled()]
        forget_frames(filter(None, excused))
        self.shielded.clear()
        self.tasks.clear()
        self.futures.clear()
        gc.collect()
        loop.close()
        reported = [error for error in self.reported if error not in excused]
        self.trace.append(' '.join(['never retrieved', *sorted(map(show, reported))]))
        return self.trace

    def tick(self):
        loop = self.loop
        over = loop.ticks > LAST_EVENT and not asyncio.all_tasks(loop) and loop.timers_left() == 0
        if over or loop.ticks == LAST_TICK:
            loop.stop()
            return
        loop.call_soon(self.tick)
        for event in self.program['events']:
            if event['tick'] != loop.ticks:
                continue
            if event['op'] == 'set':
                self.log('event', self.set(event['index'], event['outcome']))
            else:
                task = self.tasks.get(event['index'] % self.program['count'])
                self.log('event', None if task is None else task.cancel())
        if loop.ticks == RELEASE:
            for index in range(FUTURES):
                self.set(index, 'result')
        loop.ticks += 1

    def report(self, _loop, context):
        if 'never retrieved' in context['message']:
            self.reported.append(context['exception'])
        elif 'shielded' not in context['message']:
            self.log('reported', context['message'])
