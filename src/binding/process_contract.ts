/**
 * The native surface for subprocesses: what wraps/process_wrap registers. A part of contract.ts.
 *
 * A ProcessWrap starts one program on a thread of its own and then watches it. Its events are told to
 * its owner, in the order PROCESS_STARTED (or PROCESS_FAILED, which is the last one), PROCESS_EXITED.
 */

import type { PipeWrap } from './contract.js';

/** Kinds of events; ProcessWrap::Event in process_wrap.h. The value of this one is the child's pid. */
export const PROCESS_STARTED = 0;
/** Nothing runs: the value is a negative code, and failedStep() says of what. */
export const PROCESS_FAILED = 1;
/** The value is the exit code, or minus the number of the signal that ended the program. */
export const PROCESS_EXITED = 2;

/** What failedStep() means, by number: SpawnStep in spawn_plan.h. 'spawn' is the exec of the program. */
export const SPAWN_STEPS = [
  'spawn',
  'open',
  'pipe',
  'fork',
  'setsid',
  'setpgid',
  'dup2',
  'chdir',
  'sched_setaffinity',
  'setpriority',
  'setrlimit',
  'setgroups',
  'setgid',
  'setuid',
  'prctl',
  'epoll_ctl',
] as const;

/** What a descriptor of the child is: the second number of an entry of `stdio`; SpawnStdio::Kind. */
/** That descriptor of the parent, which stays open until the start is over. */
export const STDIO_INHERIT = 0;
/** That descriptor of the parent, duplicated at once. */
export const STDIO_DESCRIPTOR = 1;
/** As STDIO_DESCRIPTOR, and made to block. */
export const STDIO_BLOCKING = 2;
export const STDIO_NULL = 3;
/** A file, opened with the value as flags and the mode; its path is the next one of `files`. */
export const STDIO_FILE = 4;
/** The end of a new pipe that is read, or written; the other end is for openPipe(). */
export const STDIO_READS = 5;
export const STDIO_WRITES = 6;
/** One of a pair of sockets; the other is for openPipe(). */
export const STDIO_BOTH = 7;
/** The same as that other descriptor of the child, which has its entry before. */
export const STDIO_SAME = 8;

/** Bits of `flags`; SpawnPlan::Flag. */
export const SPAWN_NEW_SESSION = 1;
/** Descriptors without an entry stay open in the child, if they are not close-on-exec. */
export const SPAWN_KEEP_DESCRIPTORS = 2;
/** The child is left alone when its loop is closed under it, instead of killed. */
export const SPAWN_LEAVE_RUNNING = 4;

/** One start. In what holds several strings, each ends with a zero byte. */
export interface ProcessPlan {
  /** A path, or a name without a slash, which is looked for in the PATH of `env`. */
  program: Uint8Array;
  args: Uint8Array;
  /** By default that of the process. */
  env: Uint8Array | undefined;
  cwd: Uint8Array | undefined;
  /** Four numbers for each descriptor of the child: which one, its kind, a value, a mode. */
  stdio: Int32Array;
  files: Uint8Array;
  flags: number;
  /** What is undefined, here and below, stays as it is in the parent. */
  processGroup: number | undefined;
  umask: number | undefined;
  nice: number | undefined;
  parentDeathSignal: number | undefined;
  uid: number | undefined;
  gid: number | undefined;
  groups: Uint32Array | undefined;
  /** Numbers of processors. */
  cpuAffinity: Uint32Array | undefined;
  /** Three numbers for each limit: RLIMIT_*, soft, hard; Infinity for none. */
  rlimits: Float64Array | undefined;
}

/** What the child has used, once it has exited: microseconds and bytes. */
export type ProcessUsage = [userTime: number, systemTime: number, maxRss: number];

export interface ProcessWrap {
  /** Posts the start; a negative code when nothing was posted. */
  start(plan: ProcessPlan): number;
  /** Takes a start back that has not begun; false when it has, and its events are still to come. */
  withdraw(): boolean;
  /** Index in SPAWN_STEPS. */
  failedStep(): number;
  /** Which descriptor of the child that was about, if it was about one. */
  failedDescriptor(): number;
  /** Makes `pipe` the parent's end of the pipe whose other end is that descriptor of the child. */
  openPipe(descriptor: number, pipe: PipeWrap): number;
  /** Sends a signal, 0 to ask; ESRCH when the child has exited. */
  kill(signal: number): number;
  coreDumped(): boolean;
  usage(): ProcessUsage;
  /**
   * For the end of the process: nothing of it is left running, unless it is to be. Waits for a start that is under
   * way.
   */
  abandon(): void;
  /** To be called when no start is outstanding. A child that runs still is killed, and reaped later. */
  close(): void;
}
