/**
 * The part of the native surface by which threads reach each other's loops: letters, and the mailboxes they go to.
 *
 * As in contract.ts, methods return 0 or a positive count, or a negative libuv code.
 */

/** Kinds of letters; Letter::Kind in mailbox.h says what each is. */
export const LETTER_CALL = 0;
export const LETTER_REQUEST = 1;
export const LETTER_CANCEL = 2;
export const LETTER_RESULT = 3;
export const LETTER_ERROR = 4;
export const LETTER_CANCELLED = 5;
export const LETTER_REFUSED = 6;
export const LETTER_RETURNED = 7;
export const LETTER_CONNECTED = 8;
export const LETTER_CLOSED = 9;

/** Slots of the envelope, in which nextCall() and nextNotice() leave what is no text; MailboxWrap::Slot. */
export const ENVELOPE_FROM = 0;
export const ENVELOPE_KIND = 1;
export const ENVELOPE_CALL = 2;
export const ENVELOPE_SIZE = 3;

/** Kinds of MailboxWrap's events: `value` more calls have come, alone or with notices. Unlike those of sockets. */
export const CALLS_CAME = 16;
export const NOTICES_CAME = 17;

/** The mailbox of a loop. It does not keep the loop alive unless told to. */
export interface MailboxWrap {
  /** Never given twice in the process. */
  readonly address: number;
  /** Makes it possible to post to another mailbox, whose end is told by a LETTER_CLOSED; ESRCH when that one is closed. */
  attach(address: number): number;
  /** ESRCH when the mailbox is closed, or was never attached to. */
  post(address: number, kind: number, call: number, text: string): number;
  /** Begins the first call that waits, and ends the one before: its text, or undefined when none does. */
  nextCall(): string | undefined;
  /** Ends the call that was begun: it is not sent back any more. */
  endCall(): void;
  /** The text of the first notice. */
  nextNotice(): string | undefined;
  /**
   * Blocks the thread until there is mail, at most so long; how many calls have come, as the event, besides notices. When
   * the calls of an event have been run, wait(0) has to look whether more have come meanwhile, for which there is no event.
   */
  wait(milliseconds: number): number;
  setReferenced(referenced: boolean): number;
  /** Answers all that wait, as the loop's end does. */
  close(): void;
}
