/**
 * The public names of uvio, nothing else. Loading it also registers who watches the loops.
 *
 * `uvio/whole` has the same names, for programs that a bundler makes one file of: `uvio` loads some parts when they are
 * used, from files beside it; `uvio/whole` has them all.
 *
 * @module uvio
 */

import './inspect/registration.js';

export type { AddressInfo, NameInfo, SocketAddress } from './binding/contract.js';
export type { DurationSummary } from './binding/metrics.js';
export type { AbortOptions } from './core/abort.js';
export { allTasks, currentTask } from './core/all_tasks.js';
export {
  type CallGraphOptions,
  captureCallGraph,
  type FutureCallGraph,
  formatCallGraph,
  type PrintCallGraphOptions,
  printCallGraph,
} from './core/call_graph.js';
export type { ContextSnapshot } from './core/context.js';
export {
  type AsyncgenFunction,
  Coroutine,
  type CoroutineFunction,
  type CoroutineGenerator,
  coroutine,
  isCoroutine,
  isCoroutineFunction,
} from './core/coroutines.js';
export type { DebugOptions } from './core/debug.js';
export type { DoneCallbackOptions } from './core/done_callback.js';
export { ensureFuture, wrapFuture } from './core/ensure_future.js';
export { type Callback, type ExceptionContext, Handle, TimerHandle } from './core/events.js';
export { type ErrorClass, type ErrorCondition, ExceptionGroup } from './core/exception_group.js';
export type { ExceptionHandler } from './core/exception_handler.js';
export {
  CancelledError,
  IncompleteReadError,
  InvalidStateError,
  KeyboardInterrupt,
  LimitOverrunError,
  RuntimeError,
  SendfileNotAvailableError,
  TimeoutError,
} from './core/exceptions.js';
export { Future, type FutureOptions, isFuture } from './core/futures.js';
export type { Printer, StackFrame } from './core/stacks.js';
export type { TaskBody } from './core/task_body.js';
export {
  createEagerTaskFactory,
  createTask,
  eagerTaskFactory,
  type TaskFactory,
} from './core/task_factory.js';
export type { CancelRequest, PrintStackOptions, StackOptions } from './core/task_trace.js';
export {
  Task,
  type TaskOptions,
} from './core/tasks.js';
export {
  CalledProcessError,
  type CompletedProcess,
  type Text,
} from './high/called_process_error.js';
export type { CommunicateOptions, Output, TextOptions } from './high/communicate.js';
export { type DuplexSource, fromDuplex, type ToDuplexOptions, toDuplex } from './high/duplex.js';
export {
  type HandedConnection,
  type HandOverOptions,
  handOver,
  takeOver,
  withdraw,
} from './high/handing_over.js';
export type { StreamPair } from './high/incoming.js';
export { type MapProcessesOptions, mapProcesses } from './high/map_processes.js';
export { type Command, pipeline } from './high/pipeline.js';
export { Pipeline, type PipelineOutput } from './high/pipeline_process.js';
export { Process } from './high/process.js';
export type { EndedBy } from './high/process_ending.js';
export type { LinesOptions } from './high/process_lines.js';
export { type CollectedOutput, type RunProcessOptions, runProcess } from './high/run_process.js';
export { Runner, type RunnerRunOptions, type RunOptions, run } from './high/runners.js';
export { serve } from './high/serve.js';
export type { SupervisorOptions } from './high/serve_options.js';
export {
  ServeWorker,
  type WorkerServerOptions,
  type WorkerStreamOptions,
} from './high/serve_worker.js';
export type { WorkerState } from './high/serving_thread.js';
export type { SocketDuplex } from './high/socket_duplex.js';
export type { Awaitable } from './high/stream_flow_control.js';
export {
  type ClientConnectedCallback,
  StreamReaderProtocol,
  type StreamReaderProtocolOptions,
} from './high/stream_protocol.js';
export {
  type PausableTransport,
  StreamReader,
  type StreamReaderOptions,
} from './high/stream_reader.js';
export { StreamWriter, type WriterStartTlsOptions } from './high/stream_writer.js';
export {
  type OpenConnectionOptions,
  type OpenUnixConnectionOptions,
  openConnection,
  openUnixConnection,
  type StartServerOptions,
  type StartUnixServerOptions,
  type StreamOptions,
  startServer,
  startUnixServer,
} from './high/streams.js';
export { createSubprocessExec, createSubprocessShell } from './high/subprocess.js';
export type { EndingOptions, SubprocessOptions } from './high/subprocess_options.js';
export {
  type DrainOptions,
  type PublishedWorker,
  Supervisor,
  type WorkerInfo,
} from './high/supervisor.js';
export { toThread } from './high/to_thread.js';
export type { SupervisorMetrics, WorkerMetrics } from './high/worker_metrics.js';
export type { AddressLike } from './io/addresses.js';
export type { DescriptorObject, DescriptorSource } from './io/descriptors.js';
export type { ChildInfo, ResourceUsage } from './io/process_info.js';
export {
  DEVNULL,
  type LimitName,
  PIPE,
  type ProcessOptions,
  STDOUT,
  type Stdio,
  type StdioFile,
} from './io/process_options.js';
export {
  BaseProtocol,
  BufferedProtocol,
  BufferedSubprocessProtocol,
  DatagramProtocol,
  Protocol,
  type ProtocolFactory,
  type StreamProtocol,
  SubprocessProtocol,
} from './io/protocols.js';
export type { AddressFamily } from './io/resolver.js';
export { type CloseOptions, Server } from './io/server.js';
export type { SignalName } from './io/signals.js';
export { Socket, type SocketFamily, type SocketName, type SocketOptions } from './io/socket.js';
export * from './io/socket_constants.js';
export type { OptionValue } from './io/socket_option.js';
export { SslObject } from './io/tls_object.js';
export type {
  ClientSslOptions,
  ServerSslOptions,
  SslContext,
  SslTimeouts,
} from './io/tls_options.js';
export type {
  BaseTransport,
  DatagramTransport,
  ReadTransport,
  SubprocessTransport,
  Transport,
  TransportSocket,
  WriteBufferLimits,
  WriteData,
  WriteTransport,
} from './io/transports.js';
export { DatagramSocket } from './io/udp_socket.js';
export type { DescriptorOwner, FileDescriptor, FilenoOwner } from './io/watchers.js';
export { AttachedLoop, runCoroutineThreadsafe } from './loop/attached_loop.js';
export type { ConnectOptions } from './loop/connections.js';
export { getEventLoop, getRunningLoop, newEventLoop, setEventLoop } from './loop/current.js';
export type { DatagramOptions } from './loop/datagrams.js';
export { EventLoop } from './loop/event_loop.js';
export { Executor, type ExecutorOptions, type ShutdownOptions } from './loop/executor.js';
export { Job, type JobFunction, type JobOptions, job, type Work } from './loop/executor_call.js';
export { BrokenExecutor, BrokenProcessPool, BrokenThreadPool } from './loop/executor_errors.js';
export type { ExposedFunction } from './loop/incoming.js';
export { type Transfer, transfer } from './loop/letters.js';
export type { LoopRef } from './loop/loop_ref.js';
export type { LoopMetrics, MetricsOptions, PublishedMetrics } from './loop/metrics.js';
export type { AddressInfoOptions } from './loop/names.js';
export {
  ProcessPoolExecutor,
  type ProcessPoolExecutorOptions,
} from './loop/process_pool_executor.js';
export type { SendfileOptions } from './loop/sendfile.js';
export type { ServeOptions } from './loop/serving.js';
export type { SocketOption, TcpOptions } from './loop/socket_options.js';
export type { AcceptedSocketOptions } from './loop/stream_loop.js';
export {
  type ThreadLimits,
  ThreadPoolExecutor,
  type ThreadPoolExecutorOptions,
} from './loop/thread_pool_executor.js';
export { ThreadsafeFuture } from './loop/threadsafe_future.js';
export type { StartTlsCallOptions } from './loop/tls.js';
export type { UnixConnectOptions, UnixPath, UnixServeOptions } from './loop/unix.js';
export type { Guard } from './sync/acquirable.js';
export { Barrier, BrokenBarrierError } from './sync/barrier.js';
export {
  AsCompleted,
  type AsCompletedOptions,
  asCompleted,
  type FutureOf,
} from './sync/completing.js';
export { Condition } from './sync/condition.js';
export { Event } from './sync/event.js';
export { type GatherOptions, gather, type ResultOf, type Waitable } from './sync/gathering.js';
export { Lock } from './sync/locks.js';
export {
  type Compare,
  LifoQueue,
  PriorityQueue,
  type PriorityQueueOptions,
} from './sync/ordered_queues.js';
export { QueueEmpty, QueueFull, QueueShutDown } from './sync/queue_errors.js';
export { Queue } from './sync/queues.js';
export { BoundedSemaphore, Semaphore } from './sync/semaphores.js';
export { shield } from './sync/shielding.js';
export { sleep } from './sync/sleeping.js';
export { TaskGroup, type TaskGroupBody, taskGroup } from './sync/taskgroups.js';
export { Timeout, type TimeoutBody, timeout, timeoutAt } from './sync/timeouts.js';
export { waitFor } from './sync/wait_for.js';
export {
  ALL_COMPLETED,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type ReturnWhen,
  type WaitOptions,
  type WaitResult,
  wait,
} from './sync/waiting.js';
export {
  type Logger,
  type LogLevel,
  logger,
  type StandardErrorLogger,
  setLogger,
} from './util/logger.js';
export type { SystemError } from './util/system_error.js';
