/**
 * The numbers of the socket API that getaddrinfo and getnameinfo take and give, as of this system.
 *
 * Python has them in its module socket.
 */

import { native } from '../binding/addon.js';

const of = (name: string): number => native.constants[name] as number;

/** getaddrinfo without a host gives addresses to bind to, not to connect to. */
export const AI_PASSIVE = of('AI_PASSIVE');
/** The first answer has the host's canonical name. */
export const AI_CANONNAME = of('AI_CANONNAME');
/** The host must be numeric. */
export const AI_NUMERICHOST = of('AI_NUMERICHOST');
/** The port must be numeric. */
export const AI_NUMERICSERV = of('AI_NUMERICSERV');
/** Only families of which this machine has an address. */
export const AI_ADDRCONFIG = of('AI_ADDRCONFIG');
/** With family 6: IPv4 addresses as IPv6 ones, when there is no other. */
export const AI_V4MAPPED = of('AI_V4MAPPED');
/** With AI_V4MAPPED: these in any case. */
export const AI_ALL = of('AI_ALL');

/** The address itself in place of a name. */
export const NI_NUMERICHOST = of('NI_NUMERICHOST');
/** The port's number in place of a service's name. */
export const NI_NUMERICSERV = of('NI_NUMERICSERV');
/** An error when the address has no name. */
export const NI_NAMEREQD = of('NI_NAMEREQD');
/** The first part of the name alone, for hosts of the own domain. */
export const NI_NOFQDN = of('NI_NOFQDN');
/** The service's name for UDP. */
export const NI_DGRAM = of('NI_DGRAM');

export const SOCK_STREAM = of('SOCK_STREAM');
export const SOCK_DGRAM = of('SOCK_DGRAM');
export const SOCK_RAW = of('SOCK_RAW');
export const IPPROTO_TCP = of('IPPROTO_TCP');
export const IPPROTO_UDP = of('IPPROTO_UDP');
