/**
 * The public names of uvio, nothing else.
 */

export type {
  DurationSummary,
  NativeMetrics as LoopMetrics,
  SocketAddress,
} from './binding/contract.js';
export type { AbortOptions } from './core/abort.js';
export type { ContextSnapshot } from './core/context.js';
export {
  Coroutine,
  type CoroutineFunction,
  type CoroutineGenerator,
  coroutine,
  isCoroutine,
  isCoroutineFunction,
} from './core/coroutines.js';
export type { DoneCallbackOptions } from './core/done_callback.js';
export { ensureFuture } from './core/ensure_future.js';
export { type ExceptionContext, Handle, TimerHandle } from './core/events.js';
export type { ExceptionHandler } from './core/exception_handler.js';
export {
  CancelledError,
  InvalidStateError,
  KeyboardInterrupt,
  RuntimeError,
  TimeoutError,
} from './core/exceptions.js';
export { Future, type FutureOptions, isFuture } from './core/futures.js';
export {
  allTasks,
  createTask,
  currentTask,
  Task,
  type TaskBody,
  type TaskOptions,
} from './core/tasks.js';
export { type RunOptions, run } from './high/runners.js';
export {
  BaseProtocol,
  BufferedProtocol,
  Protocol,
  type ProtocolFactory,
  type StreamProtocol,
} from './io/protocols.js';
export { Server } from './io/server.js';
export type {
  BaseTransport,
  Transport,
  TransportSocket,
  WriteBufferLimits,
  WriteData,
} from './io/transports.js';
export type { ConnectOptions, ServeOptions } from './loop/connections.js';
export { getEventLoop, getRunningLoop, newEventLoop, setEventLoop } from './loop/current.js';
export { EventLoop } from './loop/event_loop.js';
export type { Guard } from './sync/acquirable.js';
export { Barrier, BrokenBarrierError } from './sync/barrier.js';
export { Condition } from './sync/condition.js';
export { Event } from './sync/event.js';
export { Lock } from './sync/locks.js';
export { LifoQueue, PriorityQueue, type PriorityQueueOptions } from './sync/ordered_queues.js';
export { QueueEmpty, QueueFull, QueueShutDown } from './sync/queue_errors.js';
export { Queue } from './sync/queues.js';
export { BoundedSemaphore, Semaphore } from './sync/semaphores.js';
export { sleep } from './sync/sleeping.js';
export { type GatherOptions, gather, type Waitable } from './sync/waiting.js';
export { type Logger, type LogLevel, logger, setLogger } from './util/logger.js';
export type { SystemError } from './util/system_error.js';
