/**
 * What the pipe scenarios play with: a protocol that writes down its calls, and both ends of a pipe.
 *
 * The counterparts of Recorder and Ends in scenarios/pipes.py.
 */

import { readSync } from 'node:fs';
import {
  type EventLoop,
  Future,
  Protocol,
  type SystemError,
  type Transport,
} from '../../src/index.js';
import { makePipe } from '../io/local_peers.js';
import type { Log, Stage } from './stage.js';

export interface Options {
  events?: string[];
  onData?: (transport: Transport) => void;
  keepOpen?: boolean;
}

/** Logs every call, or adds it to `events` when it has a list of its own. */
export class Recorder extends Protocol {
  readonly lost: Future<void>;
  readonly ended: Future<void>;
  transport!: Transport;
  #wanted: Future<void> | null = null;

  constructor(
    readonly name: string,
    readonly loop: EventLoop,
    readonly log: Log,
    readonly options: Options = {},
  ) {
    super();
    this.lost = new Future({ loop });
    this.ended = new Future({ loop });
  }

  get events(): string[] {
    return this.options.events ?? [];
  }

  override connectionMade(transport: Transport): void {
    this.transport = transport;
    this.#note('made');
  }

  override dataReceived(data: Buffer): void {
    this.#note('data', data.toString());
    this.options.onData?.(this.transport);
    this.#wake();
  }

  override eofReceived(): boolean {
    this.#note('eof');
    this.ended.setResult();
    return this.options.keepOpen ?? false;
  }

  override pauseWriting(): void {
    this.#note('pause');
  }

  override resumeWriting(): void {
    this.#note('resume');
    this.#wake();
  }

  override connectionLost(error: Error | null): void {
    this.#note('lost', error === null ? 'none' : (error as SystemError).code);
    this.lost.setResult();
  }

  /** Until data has been received, or writing goes on. */
  next(): Future<void> {
    this.#wanted = new Future({ loop: this.loop });
    return this.#wanted;
  }

  #wake(): void {
    if (this.#wanted?.done() === false) this.#wanted.setResult();
  }

  #note(...words: string[]): void {
    if (this.options.events === undefined) this.log(this.name, ...words);
    else this.options.events.push(words.join(' '));
  }
}

export class Ends {
  readonly reading: number;
  readonly writing: number;

  constructor(
    folder: string,
    readonly stage: Stage,
    readonly options: Options,
  ) {
    const { reading, writing } = makePipe(folder);
    this.reading = reading;
    this.writing = writing;
  }

  reader() {
    return this.stage.loop.connectReadPipe(() => this.#make('reader'), this.reading);
  }

  writer() {
    return this.stage.loop.connectWritePipe(() => this.#make('writer'), this.writing);
  }

  read(): string {
    const memory = Buffer.alloc(65_536);
    return memory.toString('latin1', 0, readSync(this.reading, memory));
  }

  #make(name: string): Recorder {
    return new Recorder(name, this.stage.loop, this.stage.log, this.options);
  }
}
