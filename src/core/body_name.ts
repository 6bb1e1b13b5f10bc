/**
 * The body of a task as it is shown.
 *
 * Answers to what asyncio shows as `coro=<…>`. Invariant: it knows nothing of tasks and coroutines, so that whatever
 * they are made of may show them.
 */

/** `work()` for a function or a coroutine of that name; a generator has none. */
export function bodyName(body: unknown): string {
  const { name } = body as { name?: string };
  if (name === undefined) return 'generator';
  return `${name === '' ? '<anonymous>' : name}()`;
}
