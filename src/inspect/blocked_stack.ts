/**
 * Where a blocked main thread stands, taken from another thread of the process.
 *
 * An inspector session of Node's pauses it for about a millisecond. Between two captures there is no session, so that it
 * costs nothing, and nothing is connected when the process ends. A thread that a debugger has stopped is left alone.
 */

import { type Debugger, Session } from 'node:inspector';
import { originalPlace } from './source_maps.js';
import { ANONYMOUS } from './stall_text.js';

/** A line of a call stack; lines and columns begin at 1. */
export interface BlockedFrame {
  functionName: string;
  fileName: string;
  lineNumber: number;
  columnNumber: number;
}

export interface BlockedStack {
  /** The innermost frame first; empty when it could not be taken, and `missing` says why. */
  frames: BlockedFrame[];
  missing?: string;
  /** It is not blocked, a debugger has stopped it. */
  inDebugger?: boolean;
}

// dist/src/, below which this file is.
const LIBRARY = new URL('..', import.meta.url).href;

let last: Promise<unknown> = Promise.resolve();

/**
 * The stack of the main thread, called from a worker. JavaScript stops within some ten milliseconds, on a machine that is
 * overloaded within some hundred; native code when it returns, which is not waited for longer than `patience`. `isWanted`
 * is asked until the stack is taken: false when what it was to be taken of is over. One after another, since a session
 * hears of all pauses.
 */
export function captureBlockedStack(
  sourceMaps: boolean,
  patience: number,
  isWanted: () => boolean,
): Promise<BlockedStack> {
  let outOfTime: NodeJS.Timeout | undefined;
  const late = new Promise<BlockedStack>((resolve) => {
    outOfTime = setTimeout(resolve, patience, nativeCode());
  });
  const taken = last
    .then(() => takeStack(sourceMaps, isWanted))
    .catch((error) => ({ frames: [], missing: String(error) }));
  last = taken;
  taken.then(() => clearTimeout(outOfTime));
  return Promise.race([taken, late]);
}

/** Resolves when no session is open and nothing is asked of the main thread any more. */
export function capturesDone(): Promise<unknown> {
  return last;
}

/** As long as it takes: a pause that was asked for and then left alone would stop the thread for whoever comes next. */
async function takeStack(sourceMaps: boolean, isWanted: () => boolean): Promise<BlockedStack> {
  if (!isWanted()) return tooSoon();
  const session = new Session();
  const scripts = new Map<string, Debugger.ScriptParsedEventDataType>();
  let wanted = true;
  let stopped = false;
  let paused: ((frames: Debugger.CallFrame[]) => void) | null = null;
  session.on('Debugger.scriptParsed', ({ params }) => scripts.set(params.scriptId, params));
  session.on('Debugger.paused', ({ params }) => {
    if (paused === null) stopped = true;
    else {
      wanted = isWanted();
      session.post('Debugger.resume');
      paused(params.callFrames);
    }
  });
  // Whoever comes next would take a thread that is still leaving its pause for one that a debugger has stopped.
  const resumed = new Promise<void>((resolve) => session.on('Debugger.resumed', () => resolve()));
  // Nothing else keeps this thread, which must not end with a session.
  const alive = setInterval(() => {}, 1000);
  try {
    session.connectToMainThread();
    await new Promise<void>((resolve) => session.post('Debugger.enable', () => resolve()));
    if (stopped) return { frames: [], missing: 'a debugger has stopped it', inDebugger: true };
    if (!isWanted()) return tooSoon();
    const frames = await new Promise<Debugger.CallFrame[]>((resolve) => {
      paused = resolve;
      session.post('Debugger.pause');
    });
    await resumed;
    if (!wanted) return tooSoon();
    return { frames: usersFrames(frames.map((frame) => frameOf(frame, scripts, sourceMaps))) };
  } finally {
    clearInterval(alive);
    session.disconnect();
  }
}

function tooSoon(): BlockedStack {
  return { frames: [], missing: 'it was over too soon' };
}

function nativeCode(): BlockedStack {
  return { frames: [], missing: 'it is inside native code' };
}

function frameOf(
  frame: Debugger.CallFrame,
  scripts: Map<string, Debugger.ScriptParsedEventDataType>,
  sourceMaps: boolean,
): BlockedFrame {
  const script = scripts.get(frame.location.scriptId);
  const compiled = {
    fileName: script?.url ?? frame.url,
    lineNumber: frame.location.lineNumber + 1,
    columnNumber: (frame.location.columnNumber ?? 0) + 1,
  };
  const map = sourceMaps ? script?.sourceMapURL : undefined;
  const place = map === undefined || map === '' ? compiled : originalPlace(compiled, map);
  return { functionName: frame.functionName || ANONYMOUS, ...place };
}

/** Without the frames of uvio and of Node, unless there are no others. */
function usersFrames(frames: (BlockedFrame & { library?: boolean })[]): BlockedFrame[] {
  const users = frames.filter(
    ({ fileName }) =>
      fileName !== '' && !fileName.startsWith('node:') && !fileName.startsWith(LIBRARY),
  );
  return users.length === 0 ? frames : users;
}
