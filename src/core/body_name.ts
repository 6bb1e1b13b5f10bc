/**
 * The name of what a task drives, as it is shown.
 *
 * Asks nothing but the name, and imports nothing: who shows tasks is loaded before the classes of their bodies are.
 */

/** `work()` of a function or a coroutine; generators have no name. */
export function bodyName(body: unknown): string {
  const { name } = body as { name?: unknown };
  if (typeof name !== 'string') return 'generator';
  return `${name === '' ? '<anonymous>' : name}()`;
}
