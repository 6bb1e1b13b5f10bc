/**
 * The native surface as types: what native/wraps registers and what it calls back.
 *
 * The one place where TypeScript and C++ agree. Native methods return 0 or a positive count, or a
 * negative libuv code; they throw only from constructors. Times are milliseconds on the monotonic
 * clock (CLOCK_MONOTONIC), fractions included.
 */

/** A socket address in Node's shape. */
export interface SocketAddress {
  address: string;
  port: number;
  family: 'IPv4' | 'IPv6';
}

/** Kinds of stream events; the numbers are those of StreamWrap::Event in stream_wrap.h. */
export const STREAM_CONNECTION = 0;
export const STREAM_CONNECTED = 1;
export const STREAM_WRITTEN = 2;
export const STREAM_SHUTDOWN = 3;
export const STREAM_HANGUP = 4;

/** What a stream wrap reports to: its owner, passed back with every event. */
export interface StreamOwner {
  /** Bytes `[offset, offset + size)` of the current read region, or a negative error in `size`. */
  onRead(size: number, offset: number): void;
  /** Memory for the next read, or null to refuse it. */
  onGetBuffer(sizeHint: number): Uint8Array | null;
  /** Bytes read into that memory, or a negative error. */
  onBufferUpdated(size: number): void;
  /** `size` counts the bytes of a STREAM_WRITTEN. */
  onStreamEvent(event: number, status: number, size: number): void;
}

/** What a name being resolved reports to. */
export interface LookupOwner {
  onLookup(status: number, addresses: SocketAddress[]): void;
}

/** The functions a loop is made with; none of them may throw. */
export interface LoopCallbacks {
  /** Runs ready callbacks: true when microtasks must run before the rest of the batch. */
  runReady(): boolean;
  /** Ends a round of a turn, after its microtasks. */
  endRound(): void;
  /** A fresh region for reads. It stays referenced from JavaScript until the next call. */
  allocateRegion(): Uint8Array;
  read(owner: StreamOwner, size: number, offset: number): void;
  getBuffer(owner: StreamOwner, sizeHint: number): Uint8Array | null;
  bufferUpdated(owner: StreamOwner, size: number): void;
  streamEvent(owner: StreamOwner, event: number, status: number, size: number): void;
  lookup(owner: LookupOwner, status: number, addresses: SocketAddress[]): void;
}

/** Slots of the Int32Array shared with the native side; Dispatch::State in dispatch.h. */
export const STATE_READY = 0;
export const STATE_DEADLINE_PASSED = 1;
/** How many batches of ready callbacks may run before the next poll. */
export const STATE_BATCH_LIMIT = 2;
export const STATE_SIZE = 3;

/** Durations in milliseconds. */
export interface DurationSummary {
  count: number;
  total: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
}

export interface NativeMetrics {
  /** How often the host gave the loop a turn. */
  turns: number;
  /** Calls from the loop into JavaScript. */
  callbacks: DurationSummary;
  /** Polls for I/O, less the callbacks that ran inside them. */
  polls: DurationSummary;
}

export interface LoopWrap {
  requestTurn(): void;
  /** The next moment at which a turn is wanted; 0 for none. */
  setDeadline(milliseconds: number): number;
  now(): number;
  /** Undefined once closed. */
  metrics(): NativeMetrics | undefined;
  /** Closes every handle of the loop, without callbacks; after the turn, when called inside one. */
  close(): void;
}

export interface StreamWrap {
  readStart(intoProtocolBuffer: boolean): number;
  readStop(): number;
  /** What writeStream() knows it by; stale once closed. */
  readonly number: number;
  /** As writeStream() for a list, which must not be changed afterwards. */
  writev(list: Uint8Array[], copy: boolean): number;
  shutdown(): number;
  close(): number;
}

/** A stream that is a socket; `A` is what its addresses look like. */
export interface SocketWrap<A> extends StreamWrap {
  listen(backlog: number): number;
  /** Takes the connection that a STREAM_CONNECTION reports into `client`, of the same class. */
  accept(client: SocketWrap<A>): number;
  /** Works on a duplicate of `descriptor`. */
  adopt(descriptor: number): number;
  /** Closes the adopted descriptor itself, too, in the end. */
  takeOver(descriptor: number): number;
  getSocketName(): A | number;
  getPeerName(): A | number;
  getDescriptor(): number;
}

export interface TcpWrap extends SocketWrap<SocketAddress> {
  bind(address: string, port: number, ipv6Only: boolean, reusePort: boolean): number;
  connect(address: string, port: number): number;
  setNoDelay(enable: boolean): number;
  setKeepAlive(enable: boolean, delaySeconds: number): number;
}

/** A unix socket, or one end of a pipe, a FIFO or a terminal. */
export interface PipeWrap extends SocketWrap<string> {
  /** A name is a path, or begins with a zero byte. */
  bind(name: Uint8Array): number;
  /** Connects at once or fails. */
  connect(name: Uint8Array): number;
  /** As adopt(), of the end that is read from or written to. */
  adoptEnd(descriptor: number, writes: boolean): number;
  /** Asks for one STREAM_HANGUP when nobody reads any more what is written. */
  watchHangup(): number;
}

export interface LookupWrap {
  /** `family` is 0, 4 or 6; `flags` are the AI_* of getaddrinfo. */
  start(host: string | null, service: string | null, family: number, flags: number): number;
  cancel(): void;
}

/** The addon's exports. */
export interface NativeBinding {
  LoopWrap: new (callbacks: LoopCallbacks, state: Int32Array) => LoopWrap;
  TcpWrap: new (loop: LoopWrap, owner: StreamOwner) => TcpWrap;
  PipeWrap: new (loop: LoopWrap, owner: StreamOwner) => PipeWrap;
  /**
   * Writes the first `size` bytes to the stream of that number. Returns how many of them were queued
   * (0: all have left); `copy` says that the queue must not refer to the caller's memory. A function
   * of its own because it is called for every message: finding the native object behind a JavaScript
   * one costs more than the rest of the call.
   */
  writeStream(stream: number, bytes: Uint8Array, size: number, copy: boolean): number;
  /** What libuv takes a descriptor for: 'tcp', 'pipe' (unix sockets too), 'tty', 'udp', 'file' … */
  handleType(descriptor: number): string;
  LookupWrap: new (loop: LoopWrap, owner: LookupOwner) => LookupWrap;
  /** Native loops of this thread that are not entirely closed. */
  openLoops(): number;
}
