"""Runs programs of the little language of test/programs/ on asyncio: one per line in, its trace out, as JSON.

The counterpart of test/programs/interpreter.ts, statement by statement. What CPython changed after 3.11 is in
newer.py, so that any version gives what 3.14 gives.
"""

import asyncio
import json
import sys

from newer import Group, gather
from world import FUTURES, Boom, World


class Scope:
    def __init__(self, body, group=None, deadline=None):
        self.body = body
        self.group = group
        self.deadline = deadline


class Interpreter:
    def __init__(self, world):
        self.world = world
        self.statements = 0

    async def body(self, body):
        world = self.world
        name = f't{body["id"]}'
        task = asyncio.current_task()
        if task not in world.tasks.values():
            world.tasks[body['id']] = task
        world.log(name, 'starts')
        try:
            await self.block(Scope(body), body['block'])
            world.log(name, 'returns')
            return f'r{body["id"]}'
        except BaseException as error:
            world.log(name, 'raises', error)
            raise
        finally:
            world.log(name, 'ends', task.cancelling())

    async def block(self, scope, block):
        for statement in block:
            name = f't{scope.body["id"]}.{self.statements} {statement["op"]}'
            self.statements += 1
            self.world.log(name)
            try:
                perform = getattr(self, 'do_' + statement['op'])
                self.world.log(name, 'gives', await perform(scope, statement))
            except BaseException as error:
                self.world.log(name, 'throws', error, asyncio.current_task().cancelling())
                raise

    async def do_sleep(self, _scope, statement):
        if statement['atOnce']:
            return await asyncio.sleep(statement['batches'], 'slept')
        for _ in range(statement['batches']):
            await asyncio.sleep(0)

    async def do_throw(self, _scope, _statement):
        raise self.world.boom()

    async def do_try(self, scope, statement):
        caught = {'nothing': (), 'errors': Exception, 'all': BaseException}
        try:
            await self.block(scope, statement['block'])
        except caught[statement['catches']] as error:
            self.world.log('swallows', error)
            await self.block(scope, statement['handler'])
        finally:
            await self.block(scope, statement['final'])

    async def do_await(self, scope, statement):
        return await self.member(scope, statement['member'])

    async def do_shield(self, scope, statement):
        inner = asyncio.ensure_future(self.member(scope, statement['member']))
        self.world.shielded.append(inner)
        return await asyncio.shield(inner)

    async def do_gather(self, scope, statement):
        members = [self.member(scope, one) for one in statement['members']]
        results = await gather(*members, return_exceptions=statement['returnExceptions'])
        # asyncio keeps the message of a cancelled future, and loses that of a task.
        return ['cancelled' if isinstance(one, asyncio.CancelledError) else one for one in results]

    async def do_wait(self, scope, statement):
        members = [self.future(scope, one) for one in statement['members']]
        try:
            done, pending = await asyncio.wait(
                members, timeout=statement['timeout'], return_when=statement['returnWhen']
            )
            return [sorted(map(self.world.name_of, found)) for found in (done, pending)]
        finally:
            # Which errors FIRST_EXCEPTION has looked at depends on the order of a set.
            for one in members:
                if one.done() and not one.cancelled():
                    one.exception()

    async def do_asCompleted(self, scope, statement):
        members = [self.future(scope, one) for one in statement['members']]
        # as_completed() puts them into a set: those that are done come in any order.
        members = [one for one in members if not one.done()] or members[:1]
        results = []
        for coming in asyncio.as_completed(members, timeout=statement['timeout']):
            try:
                results.append(await coming)
            except Boom as error:
                results.append(error)
            self.world.log('next', results[-1])
        return results

    async def do_timeout(self, scope, statement):
        async with asyncio.timeout(statement['delay']) as deadline:
            await self.block(Scope(scope.body, scope.group, deadline), statement['block'])

    async def do_reschedule(self, scope, statement):
        if scope.deadline is None:
            return None
        delay = statement['delay']
        scope.deadline.reschedule(None if delay is None else self.world.loop.time() + delay)
        return scope.deadline.expired()

    async def do_group(self, scope, statement):
        async with Group() as group:
            for child in statement['children']:
                self.task(child, group)
            await self.block(Scope(scope.body, group, scope.deadline), statement['block'])

    async def do_spawn(self, scope, statement):
        self.task(statement['body'], scope.group if statement['inGroup'] else None)

    async def do_cancel(self, _scope, statement):
        task = self.world.tasks.get(statement['index'] % self.world.program['count'])
        return None if task is None else task.cancel(statement['message'])

    async def do_uncancel(self, _scope, _statement):
        return asyncio.current_task().uncancel()

    async def do_set(self, _scope, statement):
        return self.world.set(statement['index'], statement['outcome'])

    def task(self, body, group=None):
        coro = self.body(body)
        try:
            task = (group or self.world.loop).create_task(coro)
        except RuntimeError:
            coro.close()
            raise
        self.world.tasks[body['id']] = task
        return task

    def member(self, scope, member):
        if member['kind'] == 'coroutine':
            return self.body(member['body'])
        return self.future(scope, member)

    def future(self, scope, member):
        world = self.world
        if 'body' in member:
            return self.task(member['body'])
        future = world.futures[member['index'] % FUTURES]
        if member['kind'] == 'future':
            return future
        # Only a later one: nobody waits for himself in a circle.
        here = scope.body['id']
        later = world.program['count'] - here - 1
        if later == 0:
            return future
        return world.tasks.get(here + 1 + member['index'] % later, future)


def trace(program):
    world = World(program)
    return world.run(lambda: Interpreter(world).task(program['main']))


def main():
    for line in sys.stdin:
        print(json.dumps(trace(json.loads(line))), flush=True)


main()
