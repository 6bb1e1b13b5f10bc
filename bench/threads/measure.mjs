// How calls from another thread are timed, whoever carries them; calls.py does the same in Python.
// A flood: so many calls at once, from the first posted to the last run; CPU time is that of both threads. A wake: one call after a pause, in which the
// loop has gone to sleep, from before it is posted until it runs. Invariant: times are taken from the clock that threads share.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../lib/statistics.mjs';

const plan = JSON.parse(readFileSync(new URL('plan.json', import.meta.url), 'utf8'));

export const now = () => Number(process.hrtime.bigint()) / 1000; // µs

// Of both threads, in µs.
function cpuTime() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const OBJECT = { name: 'a name', list: [1, 2, 3] };

// In the other thread: `call(name, value)` makes a call, `flooded()` resolves when the last one of a flood has been run.
export async function act(call, flooded) {
  for (const value of [1, OBJECT]) {
    for (let run = 0; run < plan.warmups + plan.samples; run++) {
      const cpu = cpuTime();
      const started = now();
      for (let left = plan.calls - 1; left > 0; left--) call('tick', value);
      call('last', started, cpu);
      await flooded();
    }
  }
  for (let wake = 0; wake < plan.wakes; wake++) {
    await pause(plan.pause);
    call('wake', now());
  }
  call('over', 0);
}

// In the thread that is called: what the names do. `again` lets act() go on.
export class Watch {
  #floods = [];
  #cpu = [];
  #wakes = [];
  #ticks = 0;

  constructor(again) {
    this.again = again;
  }

  tick() {
    this.#ticks++;
  }

  last(started, cpu) {
    this.#cpu.push((cpuTime() - cpu) / plan.calls);
    if (this.#ticks !== plan.calls - 1) throw new Error(`${this.#ticks} calls have come`);
    this.#ticks = 0;
    this.#floods.push((now() - started) / plan.calls);
    this.again();
  }

  wake(started) {
    this.#wakes.push(now() - started);
  }

  report() {
    const runs = plan.warmups + plan.samples;
    const small = (times) => median(times.slice(plan.warmups, runs));
    const object = median(this.#cpu.slice(runs + plan.warmups));
    const sorted = this.#wakes.sort((one, other) => one - other);
    const at = (share) => sorted[Math.floor(sorted.length * share)];
    const rate = 1e6 / small(this.#floods);
    const figures = { cpu: small(this.#cpu), rate, object, p50: at(0.5), p99: at(0.99) };
    console.log(JSON.stringify(figures));
  }
}
