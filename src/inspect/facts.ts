/**
 * What every thread of a process, and every observer, can say of the process as a whole.
 */

export interface ProcessFacts {
  pid: number;
  /** The program's name and arguments, as in process.argv. */
  command: readonly string[];
  node: string;
  /** Seconds. */
  uptime: number;
  /** Bytes that it has in memory. */
  memory: number;
}

/** `command` is that of the main thread: a worker's is another. */
export function processFacts(command: readonly string[]): ProcessFacts {
  return {
    pid: process.pid,
    command,
    node: process.version,
    uptime: process.uptime(),
    memory: process.memoryUsage.rss(),
  };
}
