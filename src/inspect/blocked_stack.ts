/**
 * Where a blocked main thread stands, taken from another thread of the process.
 *
 * An inspector session of Node's pauses it for about a millisecond. Between two captures there is no session, so that it
 * costs nothing, and nothing is connected when the process ends. A thread that a debugger has stopped is left alone.
 */

import { type Debugger, type InspectorNotification, Session } from 'node:inspector';
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

// JavaScript stops within some ten milliseconds; native code (JSON.parse, execSync) when it returns.
const PATIENCE = 500; // ms
// dist/src/, below which this file is.
const LIBRARY = new URL('..', import.meta.url).href;

let last: Promise<unknown> = Promise.resolve();

/**
 * The stack of the main thread, called from a worker. `isWanted` is asked while the main thread is paused: false when
 * what it was to be taken of is over. One after another, since a session hears of all pauses.
 */
export function captureBlockedStack(
  sourceMaps: boolean,
  isWanted: () => boolean,
): Promise<BlockedStack> {
  const captured = last.then(() => capture(sourceMaps, isWanted));
  last = captured;
  return captured;
}

async function capture(sourceMaps: boolean, isWanted: () => boolean): Promise<BlockedStack> {
  const session = new Session();
  const scripts = new Map<string, Debugger.ScriptParsedEventDataType>();
  let paused: ((frames: Debugger.CallFrame[]) => void) | null = null;
  let stopped = false;
  let wanted = true;
  session.on('Debugger.scriptParsed', ({ params }) => scripts.set(params.scriptId, params));
  session.on(
    'Debugger.paused',
    ({ params }: InspectorNotification<Debugger.PausedEventDataType>) => {
      if (paused === null) stopped = true;
      else {
        wanted = isWanted();
        session.post('Debugger.resume');
        paused(params.callFrames);
      }
    },
  );
  let outOfTime: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    outOfTime = setTimeout(resolve, PATIENCE, null);
  });
  try {
    session.connectToMainThread();
    const enabled = new Promise<true>((resolve) => {
      session.post('Debugger.enable', () => resolve(true));
    });
    if ((await Promise.race([enabled, late])) === null) return nativeCode();
    if (stopped) return { frames: [], missing: 'a debugger has stopped it', inDebugger: true };
    const frames = new Promise<Debugger.CallFrame[]>((resolve) => {
      paused = resolve;
      session.post('Debugger.pause');
    });
    const found = await Promise.race([frames, late]);
    if (found === null) return nativeCode();
    if (!wanted) return { frames: [], missing: 'it was over too soon' };
    return { frames: usersFrames(found.map((frame) => frameOf(frame, scripts, sourceMaps))) };
  } catch (error) {
    return { frames: [], missing: String(error) };
  } finally {
    clearTimeout(outOfTime);
    session.disconnect();
  }
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
