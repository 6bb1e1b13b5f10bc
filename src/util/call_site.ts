/**
 * Where a public function was called, for the stacks of errors that come later.
 *
 * In asyncio the awaiting coroutine is in the traceback by itself. Invariant: an error that is not the system's keeps its
 * own stack, unless it is to be placed by all means.
 */

/** Where a public function was called: what the stacks of its later errors begin with. */
export class CallSite {
  readonly stack!: string;

  /**
   * @param entry the public function, which does not appear in the stack itself
   * @param depth how many frames are taken, where each counts; by default as many as of an error
   */
  constructor(entry: (...args: never[]) => unknown, depth = Error.stackTraceLimit) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = depth;
    Error.captureStackTrace(this, entry);
    Error.stackTraceLimit = limit;
  }

  /** Gives `error` this place for its stack, if it is the system's. */
  claim(error: unknown): void {
    if (error instanceof Error && 'syscall' in error) this.place(error);
  }

  /** Gives any `error` this place for its stack. */
  place(error: Error): void {
    const frames = this.stack.slice(this.stack.indexOf('\n'));
    error.stack = `${error.name}: ${error.message}${frames}`;
  }
}
