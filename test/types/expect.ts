/**
 * How the files beside this one say what the compiler has to infer. Nothing of them runs.
 */

/** Whether two types are the same one: `any` and `unknown`, readonly and optional are told apart. */
export type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `expectType<T>()(value)` compiles only when `value` has exactly the type T. */
export function expectType<T>(): <V>(
  value: V,
  ...same: Equal<V, T> extends true ? [] : [{ expected: T }]
) => void {
  return () => {};
}
