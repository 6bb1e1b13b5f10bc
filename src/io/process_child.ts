/**
 * A child process as programs see it: what getExtraInfo('subprocess') gives, in Popen's place.
 */

import { constants } from 'node:os';
import type { ProcessWrap } from '../binding/process_contract.js';
import type { ChildInfo, ResourceUsage } from './process_info.js';

const MICROSECONDS = 1000;

export class Child implements ChildInfo {
  returncode: number | null = null;
  readonly #wrap: ProcessWrap;

  constructor(
    wrap: ProcessWrap,
    readonly pid: number,
    readonly spawnfile: string,
    readonly spawnargs: readonly string[],
  ) {
    this.#wrap = wrap;
  }

  get signal(): NodeJS.Signals | null {
    const number = -(this.returncode ?? 0);
    if (number <= 0) return null;
    for (const [name, value] of Object.entries(constants.signals)) {
      if (value === number) return name as NodeJS.Signals;
    }
    return null;
  }

  get coreDumped(): boolean {
    return this.#wrap.coreDumped();
  }

  get resourceUsage(): ResourceUsage | null {
    if (this.returncode === null) return null;
    const [user, system, maxRss] = this.#wrap.usage();
    return { userTime: user / MICROSECONDS, systemTime: system / MICROSECONDS, maxRss };
  }
}
