"""What asyncio does since CPython 3.13 and 3.11 does not yet, for the programs of interpreter.py.

Written from the documented changes: uncancel() down to zero takes a cancellation back that has not been
thrown (gh-117407), a TaskGroup keeps its parent's count of cancellations (gh-116720), gather() counts what is done
at the call (gh-97696).
"""

import asyncio


class NewerTask(asyncio.tasks._PyTask):
    def uncancel(self):
        left = super().uncancel()
        if left == 0:
            self._must_cancel = False
        return left


class Ordered(dict):
    """A set that keeps its order: that in which a group cancels its tasks."""

    def add(self, member):
        self[member] = None

    def discard(self, member):
        self.pop(member, None)


class Group(asyncio.TaskGroup):
    def __init__(self):
        super().__init__()
        self._tasks = Ordered()

    async def __aexit__(self, kind, error, _traceback):
        parent = self._parent_task
        self._exiting = True
        cancellation = error if isinstance(error, asyncio.CancelledError) else None
        if error is not None and not self._aborting:
            self._abort()
        while self._tasks:
            self._on_completed_fut = self._loop.create_future()
            try:
                await self._on_completed_fut
            except asyncio.CancelledError as again:
                if not self._aborting:
                    cancellation = again
                    self._abort()
            self._on_completed_fut = None
        if self._parent_cancel_requested and parent.uncancel() == 0:
            cancellation = None
        if cancellation is not None and not self._errors:
            raise cancellation
        if error is not None and not isinstance(error, asyncio.CancelledError):
            self._errors.append(error)
        if self._errors:
            if parent.cancelling():
                parent.uncancel()
                parent.cancel()
            raise BaseExceptionGroup('unhandled errors in a TaskGroup', self._errors) from None


def gather(*members, return_exceptions):
    futures = {}
    for member in members:
        if member not in futures:
            futures[member] = asyncio.ensure_future(member)
    children = [futures[member] for member in members]
    outer = asyncio.tasks._GatheringFuture(children, loop=asyncio.get_running_loop())
    left = len(futures)

    def child_done(child):
        nonlocal left
        left -= 1
        if outer.done():
            if not child.cancelled():
                child.exception()
        elif not return_exceptions and child.cancelled():
            outer.set_exception(child._make_cancelled_error())
        elif not return_exceptions and child.exception() is not None:
            outer.set_exception(child.exception())
        elif left == 0:
            results = [ending(one) for one in children]
            if outer._cancel_requested:
                outer.set_exception(child._make_cancelled_error())
            else:
                outer.set_result(results)

    done = [one for one in futures.values() if one.done()]
    for one in futures.values():
        if one not in done:
            one.add_done_callback(child_done)
    for one in done:
        child_done(one)
    return outer


def ending(future):
    if future.cancelled():
        return asyncio.CancelledError()
    return future.result() if future.exception() is None else future.exception()
