/**
 * What subprocessExec and subprocessShell take: the options, and what a descriptor of the child may be.
 *
 * The names are those of Python's Popen where it has them. Linux alone has all of it.
 */

import type { AbortOptions } from '../core/abort.js';
import type { DescriptorObject } from './descriptors.js';
import type { SignalName } from './signals.js';
import type { BaseTransport } from './transports.js';

/** A new pipe to the child: asyncio.subprocess.PIPE. */
export const PIPE = -1;
/** For stderr: the same as stdout. */
export const STDOUT = -2;
/** /dev/null. */
export const DEVNULL = -3;

/** A file that is opened for the child, by the rights and from the working directory of the parent. */
export interface StdioFile {
  /** Relative to our own working directory. */
  path: string | URL | Uint8Array;
  /** O_*, or Node's letters for them; by default 'r' for stdin, else 'w'. */
  flags?: string | number;
  /** Permissions of a file that is made; 0o666 less the umask. */
  mode?: number;
}

/**
 * What a descriptor of the child is: PIPE, DEVNULL, STDOUT (stderr only); 'inherit' or null for the
 * parent's own; a descriptor, or an object with one; the path of a file (write './inherit' for one of that
 * name); a transport, which goes over to the child and is closed here.
 */
export type Stdio =
  | number
  | null
  | 'inherit'
  | (string & {})
  | URL
  | StdioFile
  | DescriptorObject
  | BaseTransport<never>;

/** Names of limits: RLIMIT_* in lower case. */
export type LimitName =
  | 'as'
  | 'core'
  | 'cpu'
  | 'data'
  | 'fsize'
  | 'locks'
  | 'memlock'
  | 'msgqueue'
  | 'nice'
  | 'nofile'
  | 'nproc'
  | 'rss'
  | 'rtprio'
  | 'rttime'
  | 'sigpending'
  | 'stack';

/** How a program is started. */
export interface ProcessOptions extends AbortOptions {
  /**
   * Its input. What is not given is a PIPE, for all three, with loop.subprocessExec() and subprocessShell(), and the parent's own
   * with createSubprocessExec() and createSubprocessShell().
   */
  stdin?: Stdio;
  /** Where its output goes; by default as `stdin`. */
  stdout?: Stdio;
  /** Where its errors go; by default as `stdin`. STDOUT for the same place as its output. */
  stderr?: Stdio;
  /** Descriptors of the child from 3 on, by number. A PIPE there goes both ways. */
  fds?: Readonly<Record<number, Stdio>>;
  /** Descriptors from 3 on that the child gets under the same number. */
  passFds?: readonly number[];
  /** False leaves descriptors that are not close-on-exec open in the child. */
  closeFds?: boolean;
  /** Its working directory; ours by default. */
  cwd?: string | URL | Uint8Array;
  /** The whole environment of the child; by default process.env. Its PATH is where the program is looked for. */
  env?: Readonly<Record<string, string | undefined>>;
  /** What the program sees as its own name. */
  argv0?: string | Uint8Array;
  /** Its user, by number. */
  uid?: number;
  /** Its group, by number. */
  gid?: number;
  /** Supplementary groups; by default none when uid or gid is given. */
  groups?: readonly number[];
  /** Its mask of file modes, 0 to 0o777. */
  umask?: number;
  /** Makes the child the leader of a new session, without a terminal. */
  startNewSession?: boolean;
  /** Puts the child into this process group; 0 for one of its own. */
  processGroup?: number;
  /** The signal that the child gets when this process ends, however it does. */
  parentDeathSignal?: SignalName;
  /** From -20 (first) to 19 (last). */
  nice?: number;
  /** The processors that the child may use. */
  cpuAffinity?: readonly number[];
  /** `[name, soft, hard]` each; Infinity for no limit. */
  rlimits?: readonly (readonly [limit: LimitName, soft: number, hard: number])[];
  /** False leaves the child running when the loop is closed, or its thread ends, instead of killing it. */
  killOnClose?: boolean;
}
