/*
 * A build farm: compresses and hashes every file of a folder with real tools, many at a time. Ctrl-C ends all of them
 * in under a second. Try it:
 *
 *   node dist/examples/build-farm.js src --jobs 8
 *   node dist/examples/build-farm.js src --output /tmp/compressed
 */

import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ExceptionGroup, KeyboardInterrupt, mapProcesses, run } from 'uvio';
import { type Built, build } from './farm/build.js';
import { type FarmOptions, HELP, Progress, readFarmOptions, summary } from './farm/command-line.js';
import { isMain } from './kv/command-line.js';

/** The regular files below `folder`, relative to it, as they are found. */
export async function* filesBelow(folder: string, inside = folder): AsyncGenerator<string> {
  const entries = await readdir(inside, { withFileTypes: true });
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(inside, entry.name);
    if (entry.isDirectory()) yield* filesBelow(folder, path);
    else if (entry.isFile()) yield relative(folder, path);
  }
}

/**
 * Builds all, and says how it goes. Files that fail do not keep others from being built.
 *
 * @param paths of files, relative to the folder
 */
export async function farm(
  options: FarmOptions,
  paths: AsyncIterable<string> = filesBelow(options.folder),
): Promise<Built[]> {
  const progress = new Progress(process.stderr);
  const started = performance.now();
  try {
    const work = async (path: string) => {
      const built = await build(path, options);
      progress.tick(path);
      return built;
    };
    const built = await mapProcesses(paths, work, { concurrency: options.jobs });
    progress.clear();
    console.log(summary(built, performance.now() - started));
    return built;
  } finally {
    progress.clear();
  }
}

/** Says what is in a group of errors, and in those inside of it. */
function complain(error: unknown): void {
  if (error instanceof ExceptionGroup) for (const one of error.exceptions) complain(one);
  else console.error(error instanceof Error ? error.message : error);
}

/** @returns the exit code */
async function main(argv: readonly string[]): Promise<number> {
  const options = readFarmOptions(argv);
  if (options === null) {
    console.log(HELP);
    return 0;
  }
  try {
    const built = await farm(options);
    if (options.output === null) return 0;
    for (const { sha256, path } of built) console.log(`${sha256}  ${path}`);
    return 0;
  } catch (error) {
    if (!(error instanceof ExceptionGroup)) throw error;
    complain(error);
    return 1;
  }
}

if (isMain(import.meta.url)) {
  try {
    process.exitCode = await run(() => main(process.argv.slice(2)));
  } catch (error) {
    if (error instanceof KeyboardInterrupt) process.exitCode = 130;
    else {
      complain(error);
      process.exitCode = 1;
    }
  }
}
