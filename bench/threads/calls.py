"""The same by call_soon_threadsafe() of asyncio or, with --loop uvloop, uvloop; see measure.mjs."""

import argparse
import asyncio
import json
import statistics
import threading
import time
from pathlib import Path

plan = json.loads((Path(__file__).parent / 'plan.json').read_text())
OBJECT = {'name': 'a name', 'list': [1, 2, 3]}
floods, cpu_times, wakes = [], [], []
ticks = 0
again = threading.Event()


def now():
    return time.perf_counter_ns() / 1000  # µs


def tick(_value):
    global ticks
    ticks += 1


def cpu_time():
    return time.process_time_ns() / 1000


def last(started, cpu):
    global ticks
    cpu_times.append((cpu_time() - cpu) / plan['calls'])
    if ticks != plan['calls'] - 1:
        raise RuntimeError(f'{ticks} calls have come')
    ticks = 0
    floods.append((now() - started) / plan['calls'])
    again.set()


def wake(started):
    wakes.append(now() - started)


def act(loop, over):
    call = loop.call_soon_threadsafe
    for value in (1, OBJECT):
        for _ in range(plan['warmups'] + plan['samples']):
            again.clear()
            cpu = cpu_time()
            started = now()
            for _ in range(plan['calls'] - 1):
                call(tick, value)
            call(last, started, cpu)
            again.wait()
    for _ in range(plan['wakes']):
        time.sleep(plan['pause'] / 1000)
        call(wake, now())
    call(over.set_result, None)


async def main():
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    threading.Thread(target=act, args=(loop, over)).start()
    await over


parser = argparse.ArgumentParser()
parser.add_argument('--loop', choices=['asyncio', 'uvloop'], default='asyncio')
if parser.parse_args().loop == 'uvloop':
    import uvloop

    uvloop.install()
asyncio.run(main())
runs = plan['warmups'] + plan['samples']
wakes.sort()
figures = {
    'cpu': statistics.median(cpu_times[plan['warmups'] : runs]),
    'rate': 1e6 / statistics.median(floods[plan['warmups'] : runs]),
    'object': statistics.median(cpu_times[runs + plan['warmups'] :]),
    'p50': wakes[len(wakes) // 2],
    'p99': wakes[int(len(wakes) * 0.99)],
}
print(json.dumps(figures))
