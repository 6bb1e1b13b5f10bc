/**
 * Who was slow: how debug mode shows what ran, in a sentence of the log and as a short name to count by.
 *
 * asyncio shows the Handle only; here a task is shown for its steps, and a protocol for the events of its transport.
 * Invariant: nothing here throws, whatever a program's own methods do when they are asked.
 */

import { bodyName } from './body_name.js';

/** A protocol; one that is itself a layer (TLS) says whom it has called, if anybody. */
interface ProtocolRan {
  _calledAbove?(): { transport: object; method: string } | null;
}

/** A transport, a task, a handle, or something else of the library's. */
interface Ran {
  getProtocol?(): ProtocolRan;
  getCoro?(): unknown;
  _callName?(): string;
}

interface Found {
  ran: Ran;
  event: string | null;
  protocol: ProtocolRan | undefined;
}

/** `<Task …>`, `<Handle …>`, or `<EchoProtocol dataReceived transport=<…>>`. */
export function describeRan(ran: object, event: string | null): string {
  return guarded(() => {
    const found = programsOwn(ran, event);
    if (found.protocol !== undefined) {
      return `<${found.protocol.constructor.name} ${methodOf(found)} transport=${found.ran}>`;
    }
    return event === null ? String(ran) : `<${ran.constructor.name} ${event}>`;
  });
}

/** `report()`, `checksum()`, or `EchoProtocol.dataReceived()`: the same for all that are made alike. */
export function nameRan(ran: object, event: string | null): string {
  return guarded(() => {
    const found = programsOwn(ran, event);
    if (found.protocol !== undefined) {
      return `${found.protocol.constructor.name}.${methodOf(found)}()`;
    }
    if (event !== null) return `${ran.constructor.name}.${event}()`;
    if (found.ran.getCoro !== undefined) return bodyName(found.ran.getCoro());
    return found.ran._callName?.() ?? ran.constructor.name;
  });
}

/** Through the layers to the program's protocol. */
function programsOwn(ran: Ran, event: string | null): Found {
  const protocol = ran.getProtocol?.();
  const called = protocol?._calledAbove?.();
  return called ? programsOwn(called.transport, called.method) : { ran, event, protocol };
}

function methodOf({ event }: Found): string {
  // What a transport has in the ready queue is its end.
  return event ?? 'connectionLost';
}

function guarded(describe: () => string): string {
  try {
    return describe();
  } catch {
    return '<a callback that cannot be shown>';
  }
}
