/*
 * What the build farm does with one file: its hash by sha256sum, and its size in a pipeline of gzip and wc, or the
 * compressed file itself. Invariant: an output that stands under its own name is whole.
 */

import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PIPE, pipeline, runProcess, type SubprocessOptions, taskGroup } from 'uvio';

export interface Built {
  /** Relative to the folder. */
  path: string;
  sha256: string;
  /** In bytes. */
  size: number;
  compressed: number;
  /** How many programs that took. */
  processes: number;
}

export interface BuildOptions {
  folder: string;
  output: string | null;
  timeout: number;
}

/** Ctrl-C does not wait for a tool that does not listen; kill -9 of the farm ends its tools, too. */
function endings(timeout: number): SubprocessOptions {
  return { timeout, killTree: true, forceKillAfter: 500, parentDeathSignal: 'SIGKILL' };
}

/** When one program fails the other is ended; the error is an ExceptionGroup. */
export async function build(path: string, options: BuildOptions): Promise<Built> {
  const source = join(options.folder, path);
  const ending = endings(options.timeout);
  const tasks = await taskGroup(async (group) => ({
    hashing: group.createTask(() => hash(source, ending)),
    compressing: group.createTask(() =>
      options.output === null
        ? compressedSize(source, ending)
        : compress(source, `${join(options.output, path)}.gz`, ending),
    ),
  }));
  const { compressed, processes } = tasks.compressing.result();
  const { size } = await stat(source);
  return { path, sha256: tasks.hashing.result(), size, compressed, processes: processes + 1 };
}

async function hash(source: string, ending: SubprocessOptions): Promise<string> {
  const options = { ...ending, encoding: 'utf8' } as const;
  const { stdout } = await runProcess('sha256sum', ['--', source], options);
  // A backslash in front says that the name behind the hash is escaped.
  return /^\\?([0-9a-f]{64})/.exec(stdout as string)?.[1] as string;
}

interface Compressed {
  compressed: number;
  processes: number;
}

/** No byte of the file comes here: the kernel carries them from gzip to wc. */
async function compressedSize(source: string, ending: SubprocessOptions): Promise<Compressed> {
  const gzip = ['gzip', '-6', '-c', '--', source] as const;
  const joined = await pipeline(gzip, ['wc', '-c'], { ...ending, stdout: PIPE });
  try {
    const [stdout] = await joined.communicate(null, { encoding: 'utf8' });
    const failed = joined.returncodes.find((code) => code !== 0);
    if (failed !== undefined) throw new Error(`gzip ${source} ended with ${failed}`);
    return { compressed: Number(stdout), processes: 2 };
  } catch (error) {
    await joined.close();
    throw error;
  }
}

async function compress(
  source: string,
  target: string,
  ending: SubprocessOptions,
): Promise<Compressed> {
  await mkdir(dirname(target), { recursive: true });
  const partial = `${target}.partial`;
  try {
    // The tool writes the file itself.
    await runProcess('gzip', ['-6', '-c', '--', source], { ...ending, stdout: partial });
    await rename(partial, target);
    return { compressed: (await stat(target)).size, processes: 1 };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
