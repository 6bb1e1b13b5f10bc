/*
 * The data: one map of values, one of deadlines, as in Redis. Keys are latin1 strings, one
 * character for one byte; so are short values, which costs less than a Buffer each; long values are
 * Buffers with memory of their own. Invariants: a key has a deadline only if it has a value; a key
 * past its deadline is never seen, whether or not the sweep has reached it.
 */

export type Value = string | Buffer;

/** A Map cannot hold more than 2^24 entries. */
const MAXIMUM_KEYS = 2 ** 24 - 1;

export class Store {
  private readonly values = new Map<string, Value>();
  private readonly deadlines = new Map<string, number>();
  private sweeping: Iterator<[string, number]> | undefined;

  /** The clock, in milliseconds since the epoch, can be replaced by a test's. */
  constructor(readonly now: () => number = Date.now) {}

  /** Keys held, those past their deadline and not yet swept included. */
  get size(): number {
    return this.values.size;
  }

  /** Keys with a deadline. */
  get expiring(): number {
    return this.deadlines.size;
  }

  /** Whether so many more keys would fit. */
  hasRoom(keys: number): boolean {
    return this.values.size + keys <= MAXIMUM_KEYS;
  }

  get(key: string): Value | undefined {
    if (this.deadlines.size > 0) {
      this.expire(key);
    }
    return this.values.get(key);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Sets a value and forgets the key's deadline. */
  set(key: string, value: Value): void {
    this.values.set(key, value);
    if (this.deadlines.size > 0) {
      this.deadlines.delete(key);
    }
  }

  /** Replaces the value of a key that exists, its deadline kept. */
  replace(key: string, value: Value): void {
    this.values.set(key, value);
  }

  delete(key: string): boolean {
    if (this.deadlines.size > 0) {
      this.expire(key);
      this.deadlines.delete(key);
    }
    return this.values.delete(key);
  }

  clear(): void {
    this.values.clear();
    this.deadlines.clear();
  }

  /** When the key will expire; `undefined` if it is to stay. */
  deadline(key: string): number | undefined {
    return this.deadlines.get(key);
  }

  /** Gives a key that exists a deadline; one that has passed deletes it. */
  setDeadline(key: string, deadline: number): void {
    this.deadlines.set(key, deadline);
    this.expire(key);
  }

  /** Takes a key's deadline away; false if it had none. */
  persist(key: string): boolean {
    return this.deadlines.delete(key);
  }

  /**
   * Looks at up to `limit` deadlines, going on where the last sweep stopped, and deletes the keys
   * that are past theirs. Returns how many it deleted.
   */
  sweep(limit: number): number {
    const before = this.deadlines.size;
    for (let looked = 0; looked < limit && this.deadlines.size > 0; looked++) {
      this.sweeping ??= this.deadlines.entries();
      const { done, value } = this.sweeping.next();
      if (done) {
        this.sweeping = undefined;
        break;
      }
      this.expire(value[0]);
    }
    return before - this.deadlines.size;
  }

  private expire(key: string): void {
    const deadline = this.deadlines.get(key);
    if (deadline !== undefined && deadline <= this.now()) {
      this.deadlines.delete(key);
      this.values.delete(key);
    }
  }
}
