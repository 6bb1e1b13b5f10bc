/**
 * A child process as programs see it: what getExtraInfo('subprocess') gives in asyncio's place of Popen.
 *
 * Facts only; everything that acts is in the transport.
 */

/** What a program has used; times in milliseconds, memory in bytes. */
export interface ResourceUsage {
  /** In ms. */
  userTime: number;
  /** In ms. */
  systemTime: number;
  /** The most memory that it had at one time. */
  maxRss: number;
}

/** A program as the diagnostics channel tells of it. */
export interface ChildInfo {
  /** The number of the process. */
  readonly pid: number;
  /** The program as it was asked for, and its arguments, argv[0] first; Node's names. */
  readonly spawnfile: string;
  /** The program and its arguments. */
  readonly spawnargs: readonly string[];
  /** The exit code, or minus the signal's number; null while it runs. */
  readonly returncode: number | null;
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | null;
  /** Whether it left a core file. */
  readonly coreDumped: boolean;
  /** Of the program and those of its own children for which it has waited; null while it runs. */
  readonly resourceUsage: ResourceUsage | null;
}
