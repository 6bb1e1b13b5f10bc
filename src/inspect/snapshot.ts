/**
 * What a thread says of itself when it is asked: its loops with their tasks, sockets and metrics, as plain data.
 *
 * Taken on the thread itself, between two callbacks. Nothing is recorded for it beforehand; a snapshot of very many
 * tasks or connections tells of the first ones and counts the rest.
 */

import * as workerThreads from 'node:worker_threads';
import { bodyName } from '../core/body_name.js';
import { tasksAwaitedBy } from '../core/call_graph.js';
import { creationOf } from '../core/creation.js';
import type { SlowCallback } from '../core/slowest.js';
import type { StackFrame } from '../core/stacks.js';
import type { Task } from '../core/tasks.js';
import { FlowControl } from '../io/flow_control.js';
import { Listener } from '../io/listener.js';
import type { BaseTransport } from '../io/transports.js';
import type { EventLoop } from '../loop/event_loop.js';
import type { LoopMetrics } from '../loop/metrics.js';
import { openLoops } from '../loop/observation.js';
import { repr } from '../util/format.js';
import type { BlockedFrame } from './blocked_stack.js';
import { type ProcessFacts, processFacts } from './facts.js';

// So that asking does not block the thread: some hundred kilobytes.
const MOST = 1000;
const LONGEST_TEXT = 100;

export type TaskState = 'waiting' | 'cancelling' | 'ready';

export interface TaskSnapshot {
  /** What `awaits` names it by, in this snapshot. */
  id: number;
  name: string;
  state: TaskState;
  coroutine: string;
  /** Known in debug mode: `file:line`. */
  created?: string;
  /** The futures it waits for, as asyncio shows them. */
  waitsFor: string[];
  /** The tasks it waits for, through gather and its like, by their ids. */
  awaits: number[];
  /** Where it waits, the innermost frame first; known in debug mode. */
  stack: StackFrame[];
}

export interface ServerSnapshot {
  address: string;
}

export interface ConnectionSnapshot {
  /** The transport's class. */
  transport: string;
  protocol: string;
  local: string;
  peer: string;
  /** Bytes written that the kernel has not taken yet. */
  writeBuffer: number;
  reading: boolean;
}

export interface LoopSnapshot {
  running: boolean;
  debug: boolean;
  /** Its clock, in milliseconds. */
  time: number;
  metrics: LoopMetrics | null;
  /** How many there are; `tasks` and `connections` may be the first ones only. */
  taskCount: number;
  tasks: TaskSnapshot[];
  /** What is open, by libuv's kinds. */
  handles: Record<string, number>;
  servers: ServerSnapshot[];
  connectionCount: number;
  connections: ConnectionSnapshot[];
  /** What debug mode has logged as slow, the longest first. */
  slowest: SlowCallback[];
}

/** A thread that is well. */
export interface ThreadSnapshot extends ProcessFacts {
  state: 'responding';
  threadId: number;
  isMainThread: boolean;
  /** What the watchdogs of its loops have reported, the longest first. */
  stalls: SlowCallback[];
  loops: LoopSnapshot[];
}

/** A thread that does not answer, as its observer sees it. */
export interface Blocked extends ProcessFacts {
  /** `stopped`: by a debugger. */
  state: 'blocked' | 'stopped';
  /** For how long at least. */
  milliseconds: number;
  /** Whether it is a callback of a loop of uvio that runs. */
  inCallback: boolean;
  /** The innermost frame first. */
  stack: BlockedFrame[];
  /** Why there is no stack. */
  missing?: string;
}

/** A thread in which something of the program's threw when it was asked. */
export interface Failed extends ProcessFacts {
  state: 'failed';
  reason: string;
}

/** Never throws. */
export function takeSnapshot(stalls: SlowCallback[]): ThreadSnapshot | Failed {
  try {
    return snapshotOfThread(stalls);
  } catch (error) {
    return { ...processFacts(process.argv), state: 'failed', reason: repr(error) };
  }
}

function snapshotOfThread(stalls: SlowCallback[]): ThreadSnapshot {
  return {
    ...processFacts(process.argv),
    state: 'responding',
    threadId: workerThreads.threadId,
    isMainThread: workerThreads.isMainThread,
    stalls,
    loops: [...openLoops].map(snapshotOfLoop),
  };
}

function snapshotOfLoop(loop: EventLoop): LoopSnapshot {
  const handles: Record<string, number> = {};
  const servers: ServerSnapshot[] = [];
  const connections: ConnectionSnapshot[] = [];
  let connectionCount = 0;
  for (const [kind, owner] of loop._reactor.wrap.handles()) {
    handles[kind] = (handles[kind] ?? 0) + 1;
    if (owner instanceof Listener) servers.push({ address: addressOf(owner.socket) });
    else if (owner instanceof FlowControl && ++connectionCount <= MOST) {
      connections.push(snapshotOfConnection(owner as FlowControl & BaseTransport));
    }
  }
  const tasks = [...(loop._tasks as Iterable<Task>)];
  const ids = new Map(tasks.slice(0, MOST).map((task, index) => [task, index + 1]));
  return {
    running: loop.isRunning(),
    debug: loop.getDebug(),
    time: loop.time(),
    metrics: loop.metrics() ?? null,
    taskCount: tasks.length,
    tasks: [...ids].map(([task, id]) => snapshotOfTask(task, id, ids)),
    handles,
    servers,
    connectionCount,
    connections,
    slowest: loop._slowest.list(),
  };
}

function snapshotOfTask(task: Task, id: number, ids: ReadonlyMap<Task, number>): TaskSnapshot {
  const waits = [...task._awaits()];
  const idle: TaskState = waits.length > 0 ? 'waiting' : 'ready';
  const made = creationOf(task)?.[0];
  return {
    id,
    name: task.getName(),
    state: task.cancelling() > 0 ? 'cancelling' : idle,
    coroutine: bodyName(task.getCoro()),
    ...(made === undefined ? {} : { created: `${made.fileName}:${made.lineNumber}` }),
    waitsFor: waits.map((future) => shorten(String(future))),
    awaits: tasksAwaitedBy(task).flatMap((other) => ids.get(other) ?? []),
    stack: task.getStack().reverse(),
  };
}

function snapshotOfConnection(transport: FlowControl & BaseTransport): ConnectionSnapshot {
  const reading = (transport as { isReading?(): boolean }).isReading?.() ?? true;
  return {
    transport: transport.constructor.name,
    protocol: transport.getProtocol().constructor.name,
    local: formatAddress(transport.getExtraInfo('sockname')),
    peer: formatAddress(transport.getExtraInfo('peername')),
    writeBuffer: transport.getWriteBufferSize(),
    reading,
  };
}

function addressOf(socket: { getsockname(): unknown }): string {
  try {
    return formatAddress(socket.getsockname());
  } catch {
    return ''; // not bound yet, or closing
  }
}

function formatAddress(address: unknown): string {
  if (typeof address === 'string') return address;
  if (typeof address !== 'object' || address === null) return '';
  const { address: host, port } = address as { address: string; port: number };
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function shorten(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
}
