/*
 * The files below a directory, by the paths of URLs. Invariant: what is opened lies below the directory, whatever the
 * URL, its encoding or a symbolic link says; what is no file (a FIFO, a socket, a device) is not there.
 */

import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** An open file, which whoever gets it has to close. */
export interface OpenFile {
  handle: FileHandle;
  path: string;
  stats: Stats;
}

const INDEX = 'index.html';
// So that opening a FIFO does not wait for its writer.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;
const ABSENT = ['ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG', 'ELOOP', 'ENXIO'];

export class Directory {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** @throws a system error when there is no such directory */
  static async of(path: string): Promise<Directory> {
    return new Directory(await realpath(path));
  }

  /**
   * The file of a URL's path, which is still encoded. Null when there is none, 'slash' for a directory whose name lacks
   * its slash at the end.
   *
   * @throws URIError for a path that is not properly encoded
   */
  async find(urlPath: string): Promise<OpenFile | 'slash' | null> {
    const name = decodeURIComponent(urlPath);
    if (name.includes('\0')) throw new URIError('a path with a zero byte');
    const found = await this.#open(name);
    if (found?.stats.isDirectory()) {
      await found.handle.close();
      return name.endsWith('/') ? this.#file(join(name, INDEX)) : 'slash';
    }
    // A file is no directory, whatever the slash says.
    if (found !== null && name.endsWith('/')) {
      await found.handle.close();
      return null;
    }
    return this.#onlyFile(found);
  }

  async #file(name: string): Promise<OpenFile | null> {
    return this.#onlyFile(await this.#open(name));
  }

  async #onlyFile(found: OpenFile | null): Promise<OpenFile | null> {
    if (found === null || found.stats.isFile()) return found;
    await found.handle.close();
    return null;
  }

  async #open(name: string): Promise<OpenFile | null> {
    try {
      const path = await realpath(join(this.#root, name));
      if (path !== this.#root && !path.startsWith(this.#root.replace(/\/?$/, sep))) return null;
      const handle = await open(path, FLAGS);
      try {
        return { handle, path, stats: await handle.stat() };
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch (error) {
      if (ABSENT.includes((error as NodeJS.ErrnoException).code ?? '')) return null;
      throw error;
    }
  }
}
