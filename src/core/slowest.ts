/**
 * The slowest callbacks that were told of, by name: what `uvio top` shows.
 *
 * Invariant: it has a bounded number of names, the slowest ones, however many a program makes up.
 */

const MOST_NAMES = 100;

/** All callbacks of that name. */
export interface SlowCallback {
  name: string;
  /** The longest of them. */
  milliseconds: number;
  count: number;
}

export class Slowest {
  readonly #byName = new Map<string, SlowCallback>();

  note(name: string, milliseconds: number): void {
    const known = this.#byName.get(name);
    if (known !== undefined) {
      known.milliseconds = Math.max(known.milliseconds, milliseconds);
      known.count++;
      return;
    }
    if (this.#byName.size >= MOST_NAMES) {
      const last = this.list().at(-1) as SlowCallback;
      if (last.milliseconds >= milliseconds) return;
      this.#byName.delete(last.name);
    }
    this.#byName.set(name, { name, milliseconds, count: 1 });
  }

  /** The longest first. */
  list(): SlowCallback[] {
    const all = [...this.#byName.values()];
    return all.sort((one, other) => other.milliseconds - one.milliseconds);
  }
}
