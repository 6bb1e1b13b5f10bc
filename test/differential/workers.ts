/**
 * Workers: tasks that do a few steps and say after each what it gave.
 *
 * The counterpart of scenarios/workers.py. A scene is played twice, with async functions and with
 * generators as workers; both have to give the trace of the Python scenario, or one that is written down
 * because it takes a newer Python than the tests can ask for.
 */

import { deepEqual } from 'node:assert/strict';
import {
  CancelledError,
  type Condition,
  type CoroutineGenerator,
  createTask,
  isFuture,
  type Lock,
  type Semaphore,
  sleep,
  type Task,
} from '../../src/index.js';
import { kind, playOnUvio, type Stage, type Theme } from './stage.js';

/** A function that returns a value or a future, for which the worker waits. */
export type Step = () => unknown;

export interface Crew {
  /** A task that does `steps`. */
  start(name: string, ...steps: Step[]): Task;
  /** The same, with `lock` held. */
  holding(name: string, lock: Lock | Condition | Semaphore, ...steps: Step[]): Task;
}

export type Scene = (stage: Stage, crew: Crew) => Promise<unknown>;

export async function turns(count = 1): Promise<void> {
  for (let turn = 0; turn < count; turn++) await sleep(0);
}

/** What a lock shows of itself. */
export function state(thing: object): string {
  return /\[.*\](?=>$)/.exec(String(thing))?.[0] ?? 'nothing';
}

function logStep({ log }: Stage, name: string, number: number, value: unknown): void {
  if (typeof value === 'number' || typeof value === 'string') log(name, number, value);
  else log(name, number);
}

function logEnd({ log }: Stage, name: string, error: unknown): void {
  log(name, error instanceof CancelledError ? error : kind(error));
  if (error instanceof CancelledError) throw error;
}

function asyncCrew(stage: Stage): Crew {
  const work = async (name: string, steps: Step[]) => {
    try {
      for (const [number, step] of steps.entries()) {
        const given = step();
        logStep(stage, name, number, isFuture(given) ? await given : given);
      }
    } catch (error) {
      logEnd(stage, name, error);
    }
  };
  return {
    start: (name, ...steps) => createTask(() => work(name, steps)),
    holding: (name, lock, ...steps) =>
      createTask(async () => {
        using _ = await lock.acquire();
        stage.log(name, 'holds');
        await work(name, steps);
      }),
  };
}

function generatorCrew(stage: Stage): Crew {
  function* work(name: string, steps: Step[]): CoroutineGenerator<void> {
    try {
      for (const [number, step] of steps.entries()) {
        const given = step();
        logStep(stage, name, number, isFuture(given) ? yield* given : given);
      }
    } catch (error) {
      logEnd(stage, name, error);
    }
  }
  return {
    start: (name, ...steps) => createTask(work(name, steps)),
    holding: (name, lock, ...steps) =>
      createTask(
        lock.run(function* () {
          stage.log(name, 'holds');
          yield* work(name, steps);
        }),
      ),
  };
}

const CREWS = { '': asyncCrew, ' (generators)': generatorCrew };

/** A scene is a test that the trace is that of the Python scenario `name`. */
export function scenesOf({ same }: Theme) {
  return (title: string, name: string, scene: Scene): void => {
    for (const [kindOfCrew, crew] of Object.entries(CREWS)) {
      same(title + kindOfCrew, name, (stage) =>
        stage.loop.runUntilComplete(() => scene(stage, crew(stage))),
      );
    }
  };
}

/** A scene is a test that the trace is `expected`, that of a newer Python. */
export function newerScene(title: string, expected: readonly string[], scene: Scene): void {
  for (const [kindOfCrew, crew] of Object.entries(CREWS)) {
    it(title + kindOfCrew, async () => {
      const trace = await playOnUvio((stage) =>
        stage.loop.runUntilComplete(() => scene(stage, crew(stage))),
      );
      deepEqual(trace, expected);
    });
  }
}
