/**
 * The library's own files that threads and processes start with.
 *
 * Invariant: paths lead from a folder right below the library's to another one, which holds in a checkout (dist/src/) and in
 * the package (dist/lib/); see scripts/entries.mjs.
 */

/**
 * @param path of a file, from the top of the library: `loop/executor_worker.js`
 * @throws Error in a bundle that is no ES module, where no file has a place
 */
export function ownFile(path: string): URL {
  const here: string | undefined = import.meta.url;
  if (here !== undefined) return new URL(`../${path}`, here);
  throw new Error(
    `uvio's file ${path} is not in this bundle, and what starts with it cannot be used`,
  );
}
