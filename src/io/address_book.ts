/**
 * Addresses of datagrams: from the words that the native side shares to objects, and back.
 *
 * Most datagrams come from, and go to, somebody who was there before; an address is converted once and
 * then found by its words, or by its object. Objects that are given out are frozen, since they are
 * given out again.
 */

import type { SocketAddress } from '../binding/contract.js';
import {
  RECORD_ADDRESS,
  RECORD_DESTINATION,
  RECORD_FAMILY,
  RECORD_PORT,
  RECORD_SCOPE,
  RECORD_WORDS,
  RECORDS,
  type UdpWrap,
} from '../binding/datagram_contract.js';
import { type AddressLike, checkAddress } from './addresses.js';

// More senders than this, and all are forgotten.
const MOST_KNOWN = 4096;
const PORTS = 0x10000;

export class AddressBook {
  /** What the native side describes datagrams in; see contract.ts. */
  readonly records = new Int32Array((RECORDS + 1) * RECORD_WORDS);
  readonly #known = new Map<number | string, SocketAddress>();
  readonly #words = new WeakMap<object, Int32Array>();

  /** Who sent the datagram of this record. */
  senderOf(wrap: UdpWrap, record: number): SocketAddress {
    const words = this.records;
    const base = record * RECORD_WORDS;
    const port = words[base + RECORD_PORT] as number;
    let key: number | string;
    if (words[base + RECORD_FAMILY] === 4) {
      key = ((words[base + RECORD_ADDRESS] as number) >>> 0) * PORTS + port;
    } else {
      const address = base + RECORD_ADDRESS;
      key = `${words[address]} ${words[address + 1]} ${words[address + 2]} ${words[address + 3]} ${words[base + RECORD_SCOPE]} ${port}`;
    }
    return this.#known.get(key) ?? this.#learn(wrap, record, key);
  }

  /**
   * Makes `address` the destination of the next send.
   *
   * @throws TypeError or RangeError when it is no numeric address
   */
  setDestination(wrap: UdpWrap, address: AddressLike): void {
    const words = this.#words.get(address);
    if (words !== undefined) {
      for (let word = 0; word < RECORD_WORDS; word++) {
        this.records[RECORD_DESTINATION + word] = words[word] as number;
      }
      return;
    }
    const checked = checkAddress('addr', address);
    wrap.setDestination(checked.address, checked.port);
  }

  /** The next send goes to where its socket is connected. */
  clearDestination(): void {
    this.records[RECORD_DESTINATION + RECORD_FAMILY] = 0;
  }

  #learn(wrap: UdpWrap, record: number, key: number | string): SocketAddress {
    const sender = Object.freeze(wrap.senderOf(record)) as SocketAddress;
    const base = record * RECORD_WORDS;
    this.#words.set(sender, this.records.slice(base, base + RECORD_WORDS));
    if (this.#known.size === MOST_KNOWN) this.#known.clear();
    this.#known.set(key, sender);
    return sender;
  }
}
