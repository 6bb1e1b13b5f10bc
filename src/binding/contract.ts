/**
 * The native surface as types: what native/wraps registers and what it calls back.
 *
 * The one place where TypeScript and C++ agree. Native methods return 0 or a positive count, or a
 * negative libuv code; they throw only from constructors. Times are milliseconds on the monotonic
 * clock (CLOCK_MONOTONIC), fractions included.
 */

import type { BareSocketWrap, FileSendWrap } from './bare_contract.js';
import type { UdpWrap } from './datagram_contract.js';
import type { MailboxWrap } from './mailbox_contract.js';
import type { NativeBuckets, NativeMetrics } from './metrics.js';
import type { ProcessWrap } from './process_contract.js';
import type { TlsWrap } from './tls_contract.js';

/** A socket address in Node's shape. */
export interface SocketAddress {
  /** Numeric: `127.0.0.1`, `::1`, `fe80::1%eth0`. */
  address: string;
  /** 0 to 65535. */
  port: number;
  /** 4 or 6 by name, as Node has it. */
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

/** One answer of getaddrinfo. */
export interface AddressInfo {
  /** 4 or 6. */
  family: 4 | 6;
  /** SOCK_STREAM and its like. */
  type: number;
  /** IPPROTO_TCP and its like. */
  proto: number;
  /** Of the first answer, when AI_CANONNAME asked for it; else empty. */
  canonname: string;
  /** Where to connect, or what to bind. */
  sockaddr: SocketAddress;
}

/** The answer of getnameinfo: `[host, service]`. */
export type NameInfo = [host: string, service: string];

/** What a name being resolved reports to: the answer is empty when `status` is an error. */
export interface LookupOwner {
  onLookup(status: number, answer: AddressInfo[] | NameInfo): void;
}

/** What a wrap of a plain handle (a watched descriptor, a signal, a UDP socket) reports to. */
export interface HandleOwner {
  /** What `kind` and `value` mean is said at the wrap. */
  onEvent(kind: number, value: number): void;
}

/** What a watched descriptor is ready for: bits of PollWrap's events; libuv's uv_poll_event. */
export const POLL_READABLE = 1;
export const POLL_WRITABLE = 2;

/** The functions a loop is made with; none of them may throw. */
export interface LoopCallbacks {
  /** Runs ready callbacks; one of READY_*. */
  runReady(): number;
  /** Ends a round of a turn, after its microtasks. */
  endRound(): void;
  /** A fresh region for reads. It stays referenced from JavaScript until the next call. */
  allocateRegion(): Uint8Array;
  read(owner: StreamOwner, size: number, offset: number): void;
  getBuffer(owner: StreamOwner, sizeHint: number): Uint8Array | null;
  bufferUpdated(owner: StreamOwner, size: number): void;
  streamEvent(owner: StreamOwner, event: number, status: number, size: number): void;
  lookup(owner: LookupOwner, status: number, answer: AddressInfo[] | NameInfo): void;
  handleEvent(owner: HandleOwner, kind: number, value: number): void;
  /** The call before took so many milliseconds: as long as STATE_SLOW_THRESHOLD says, or longer. */
  slowCallback(milliseconds: number): void;
  /**
   * A turn for which `wanted` milliseconds were to be waited came after `waited`, later by STATE_LATE_THRESHOLD
   * or more; its first poll has called `callbacks` callbacks.
   */
  lateTurn(wanted: number, waited: number, callbacks: number): void;
  /** Calls that were reported while they ran have ended; they took this long. */
  stallEnded(milliseconds: number): void;
}

/** Answers of runReady; the enumeration Readiness in dispatch.cc: the batch is over. */
export const READY_DONE = 0;
/** The rest of the batch waits for microtasks, which only the native side can run. */
export const READY_NEEDS_MICROTASKS = 1;
/** The rest of the batch wants a call of its own. */
export const READY_GOES_ON = 2;

/** Words of LoopWrap.watch(): since when, and what was reported; EntryStamp::Word in entry_stamp.h. */
export const ENTRY_SINCE = 0;
export const ENTRY_REPORTED = 1;
export const ENTRY_SIZE = 2;

/** Slots of the Int32Array shared with the native side; Dispatch::State in dispatch.h. */
export const STATE_READY = 0;
export const STATE_DEADLINE_PASSED = 1;
/** How many batches of ready callbacks may run before the next poll. */
export const STATE_BATCH_LIMIT = 2;
/** In microseconds and one more: 0 is none. How long a call may take that is not reported. */
export const STATE_SLOW_THRESHOLD = 3;
/** The same for how late a turn may be. */
export const STATE_LATE_THRESHOLD = 4;
export const STATE_SIZE = 5;

export interface LoopWrap {
  requestTurn(): void;
  /** The next moment at which a turn is wanted; 0 for none. */
  setDeadline(milliseconds: number): number;
  now(): number;
  /** Undefined once closed. `reset` begins to count anew. */
  metrics(reset: boolean): NativeMetrics | undefined;
  /** What the quantiles of metrics() are taken from. */
  buckets(): NativeBuckets | undefined;
  /** The owner of the socket in this loop that has this descriptor. */
  ownerOf(descriptor: number): object | undefined;
  /** What is open: the kind, in libuv's words, and for sockets and pipes who they belong to. */
  handles(): [kind: string, owner: object | undefined][];
  /**
   * Writes to this shared memory since when a callback is running, in nanoseconds of process.hrtime's
   * clock; null: no more. Returns a negative code, or what stallEnded() would tell of the running call.
   */
  watch(entry: BigInt64Array | null): number;
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
  getDescriptor(): number;
  /** Whether it keeps the process alive while it reads, listens or writes; at first it does. */
  setReferenced(referenced: boolean): number;
  close(): number;
}

/** A stream that is a socket; `A` is what its addresses look like. */
export interface SocketWrap<A> extends StreamWrap {
  listen(backlog: number): number;
  /** Leaves connections in the kernel's queue, until listen() is called again. */
  listenStop(): number;
  /** Takes the connection that a STREAM_CONNECTION reports into `client`, of the same class. */
  accept(client: SocketWrap<A>): number;
  /** Works on a duplicate of `descriptor`. */
  adopt(descriptor: number): number;
  /** Closes the adopted descriptor itself, too, in the end. */
  takeOver(descriptor: number): number;
  getSocketName(): A | number;
  getPeerName(): A | number;
  /** Reports to `owner` from now on. */
  setOwner(owner: StreamOwner): number;
}

/** What TcpWrap.bind() sets before it binds, joined with |; Tcp::BindFlag in tcp.h. */
export const BIND_IPV6_ONLY = 1;
export const BIND_REUSE_ADDRESS = 2;
export const BIND_REUSE_PORT = 4;

export interface TcpWrap extends SocketWrap<SocketAddress> {
  bind(address: string, port: number, flags: number): number;
  connect(address: string, port: number): number;
  setNoDelay(enable: boolean): number;
  /** A delay of 0 is the system's. */
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

/** Asks one question. `flags` are the AI_* of getaddrinfo, the NI_* of getnameinfo. */
export interface LookupWrap {
  start(
    host: string | null,
    service: string | null,
    family: 0 | 4 | 6,
    type: number,
    proto: number,
    flags: number,
  ): number;
  /** As start() for what is numeric, which asks nobody: the answer, or a negative code. */
  numeric(
    host: string | null,
    service: string | null,
    family: 0 | 4 | 6,
    type: number,
    proto: number,
    flags: number,
  ): AddressInfo[] | number;
  startName(address: string, port: number, flags: number): number;
  numericName(address: string, port: number, flags: number): NameInfo | number;
  cancel(): void;
}

/** A descriptor of somebody else's. The value of its event is what is ready, or a negative code. */
export interface PollWrap {
  /** Watches for these bits from now on; 0 for none. */
  watch(events: number): number;
  /** False when the descriptor was closed meanwhile, or is another file's by now. */
  isCurrent(): boolean;
  close(): void;
}

/** One signal; the value of its event is the signal's number. It does not keep the loop alive. */
export interface SignalWrap {
  start(signal: number): number;
  close(): void;
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
  PollWrap: new (loop: LoopWrap, owner: HandleOwner, descriptor: number) => PollWrap;
  SignalWrap: new (loop: LoopWrap, owner: HandleOwner) => SignalWrap;
  ProcessWrap: new (loop: LoopWrap, owner: HandleOwner) => ProcessWrap;
  MailboxWrap: new (loop: LoopWrap, owner: HandleOwner, envelope: Float64Array) => MailboxWrap;
  /** Missing where the host does not have the OpenSSL that it is written for. */
  TlsWrap?: new () => TlsWrap;
  /** A pipe of the kernel's: the ends to read from and to write to, close-on-exec; or a negative code. */
  makePipe(): [reading: number, writing: number] | number;
  /**
   * Signals a process that is no child of ours, if it is the one that began at `startTime`, in clock ticks since the
   * boot. Linux only.
   */
  signalProcess(pid: number, startTime: number, signal: number): number;
  UdpWrap: new (
    loop: LoopWrap,
    owner: HandleOwner,
    family: 0 | 4 | 6,
    records: Int32Array,
  ) => UdpWrap;
  BareSocketWrap: new () => BareSocketWrap;
  FileSendWrap: new (loop: LoopWrap, owner: HandleOwner) => FileSendWrap;
  /** Where a file is read next by whoever does not say where. */
  setFilePosition(descriptor: number, position: number): number;
  /** Fills `value`; the option's size. */
  getSocketOption(descriptor: number, level: number, name: number, value: Uint8Array): number;
  setSocketOption(descriptor: number, level: number, name: number, value: Uint8Array): number;
  /** Keeps a duplicate for whoever has the ticket, which is greater than 0, in any thread; until this one ends. */
  offerDescriptor(descriptor: number): number;
  /** The descriptor, now the caller's; a negative code when it was taken, or closed. */
  takeOffered(ticket: number): number;
  /** AI_*, NI_*, SOCK_*, SO_* and their like, whose values differ between systems. */
  constants: Record<string, number>;
  /** Native loops of this thread that are not entirely closed. */
  openLoops(): number;
}
