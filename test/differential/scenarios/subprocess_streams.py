"""Subprocesses with streams: what Process gives, and when. See ../subprocess_streams.test.ts."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, STDOUT

from stage import kind, log, task_scenario


async def shell(script, **options):
    return await asyncio.create_subprocess_exec('sh', '-c', script, **options)


def text(output):
    return None if output is None else output.decode()


@task_scenario
async def defaults():
    process = await shell('exit 7')
    log(process.stdin, process.stdout, process.stderr)
    log(await process.communicate(), process.returncode)
    log(await process.wait(), await process.wait())


@task_scenario
async def communicating():
    process = await shell('cat; echo err >&2; exit 3', stdin=PIPE, stdout=PIPE, stderr=PIPE)
    log(process.stdin.is_closing(), process.stdout.at_eof())
    stdout, stderr = await process.communicate(b'input')
    log(text(stdout), text(stderr).strip(), process.returncode)
    log(process.stdin.is_closing(), process.stdout.at_eof(), process.stderr.at_eof())
    log([text(part) for part in await process.communicate()])


@task_scenario
async def merged():
    process = await shell('echo out; echo err >&2', stdin=DEVNULL, stdout=PIPE, stderr=STDOUT)
    log(process.stdin, process.stderr)
    stdout, stderr = await process.communicate()
    log(text(stdout).split('\n'), stderr)


@task_scenario
async def by_line():
    process = await asyncio.create_subprocess_shell(
        'while read line; do echo "got $line"; done; exit 2', stdin=PIPE, stdout=PIPE
    )
    for word in ['one', 'two']:
        process.stdin.write(word.encode() + b'\n')
        await process.stdin.drain()
        log(text(await process.stdout.readline()).strip())
    log(process.stdin.can_write_eof(), process.returncode)
    process.stdin.write_eof()
    log(text(await process.stdout.read()), process.stdout.at_eof())
    await process.stdin.wait_closed()
    log(await process.wait(), process.stdin.is_closing())


@task_scenario
async def iterating():
    process = await shell('seq 3; printf last', stdout=PIPE)
    async for line in process.stdout:
        log(text(line).strip())
    log(await process.wait())


@task_scenario
async def broken_pipe():
    process = await shell('exit 0', stdin=PIPE)
    await process.wait()
    log(await process.communicate(b'x' * 1000000), process.returncode)


@task_scenario
async def drain_after_exit():
    process = await shell('exit 0', stdin=PIPE)
    await process.wait()
    try:
        for _ in range(100):
            process.stdin.write(b'x' * 100000)
            await process.stdin.drain()
        log('written')
    except (BrokenPipeError, ConnectionResetError):
        log('the pipe is broken')


@task_scenario
async def killing():
    for method in ['kill', 'terminate']:
        process = await shell('exec sleep 60')
        getattr(process, method)()
        log(method, process.returncode, await process.wait(), process.returncode)
    process = await shell('trap "exit 5" HUP; echo ready; while :; do :; done', stdout=PIPE)
    log(text(await process.stdout.readline()).strip())
    process.send_signal(1)
    log(await process.wait())


@task_scenario
async def killing_the_dead():
    process = await shell('exit 1')
    await process.wait()
    for _ in range(10):
        await asyncio.sleep(0)
    for method in ['kill', 'terminate']:
        try:
            getattr(process, method)()
            log(method, 'nothing')
        except ProcessLookupError:
            log(method, 'no such process')


@task_scenario
async def cancelled_wait():
    process = await shell('read line; exit 4', stdin=PIPE)
    waiting = asyncio.create_task(process.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    try:
        await waiting
    except asyncio.CancelledError as error:
        log(kind(error), process.returncode)
    process.stdin.close()
    log(await process.wait())


@task_scenario
async def cancelled_communicate():
    process = await shell('cat; exec sleep 60', stdin=PIPE, stdout=PIPE)
    talking = asyncio.create_task(process.communicate(b'input'))
    await asyncio.sleep(0.02)
    talking.cancel()
    try:
        await talking
    except asyncio.CancelledError as error:
        log(kind(error), process.returncode)
    process.kill()
    log(await process.wait())


@task_scenario
async def several_wait():
    process = await shell('read line; exit 9', stdin=PIPE)

    async def wait(name):
        log(name, await process.wait())

    waiting = [asyncio.create_task(wait(name)) for name in ['one', 'two', 'three']]
    await asyncio.sleep(0)
    process.stdin.close()
    await asyncio.gather(*waiting)


@task_scenario
async def line_too_long():
    process = await shell('echo 12345678901234567890; echo next', stdout=PIPE, limit=8)
    try:
        await process.stdout.readline()
    except ValueError as error:
        log(str(error))
    log(text(await process.stdout.readline()).strip())
    log(await process.wait())


@task_scenario
async def missing():
    try:
        await asyncio.create_subprocess_exec('no-such-program', stdout=PIPE)
    except FileNotFoundError:
        log('no such file')
    try:
        await asyncio.create_subprocess_exec('/', stdout=PIPE)
    except PermissionError:
        log('permission')
    process = await asyncio.create_subprocess_shell('no-such-program', stderr=DEVNULL)
    log(await process.wait())


@task_scenario
async def refused_options():
    for options in [{'bufsize': 1}, {'shell': True}, {'encoding': 'utf8'}, {'text': True}]:
        try:
            await asyncio.create_subprocess_exec('true', **options)
        except ValueError:
            log('refused', list(options))


@task_scenario
async def large_output():
    process = await shell('head -c 65537 /dev/zero; head -c 200000 /dev/zero >&2',
                          stdout=PIPE, stderr=PIPE)
    log([len(part) for part in await process.communicate()])
    process = await asyncio.create_subprocess_exec('cat', stdin=PIPE, stdout=PIPE)
    stdout, _ = await process.communicate(b'0123456789' * 21927)
    log(len(stdout), stdout == b'0123456789' * 21927)
