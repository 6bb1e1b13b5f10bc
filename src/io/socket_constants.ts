/**
 * The numbers of the socket API, as of this system: of names, of sockets and of their options.
 *
 * Python has them in its module socket. One that the system does not have is undefined.
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

/** A connection of bytes: TCP, or a unix stream. */
export const SOCK_STREAM = of('SOCK_STREAM');
/** Datagrams: UDP, or unix datagrams. */
export const SOCK_DGRAM = of('SOCK_DGRAM');
/** Packets of the network layer; needs privileges. */
export const SOCK_RAW = of('SOCK_RAW');
/** The level of options of IPv6. */
export const IPPROTO_IPV6 = of('IPPROTO_IPV6');
/** The level of options of TCP, and TCP as a protocol. */
export const IPPROTO_TCP = of('IPPROTO_TCP');
/** UDP as a protocol. */
export const IPPROTO_UDP = of('IPPROTO_UDP');

/** The level of the options that every socket has. */
export const SOL_SOCKET = of('SOL_SOCKET');
/** The longest backlog. */
export const SOMAXCONN = of('SOMAXCONN');
/** Datagrams may go to broadcast addresses. */
export const SO_BROADCAST = of('SO_BROADCAST');
/** The error that is pending, a number; reading it takes it away. */
export const SO_ERROR = of('SO_ERROR');
/** A silent peer is asked whether it is there. */
export const SO_KEEPALIVE = of('SO_KEEPALIVE');
/** What close does with bytes that have not left. */
export const SO_LINGER = of('SO_LINGER');
/** The size of the receive buffer, in bytes. */
export const SO_RCVBUF = of('SO_RCVBUF');
/** A port whose connections have just ended may be bound. */
export const SO_REUSEADDR = of('SO_REUSEADDR');
/** Several sockets share a port. */
export const SO_REUSEPORT = of('SO_REUSEPORT');
/** The size of the send buffer, in bytes. */
export const SO_SNDBUF = of('SO_SNDBUF');
/** The kind of socket: SOCK_STREAM, SOCK_DGRAM or SOCK_RAW. */
export const SO_TYPE = of('SO_TYPE');
/** Options of the level IPPROTO_TCP. */
export const TCP_NODELAY = of('TCP_NODELAY');
/** How long a connection is silent before it is probed, in seconds. */
export const TCP_KEEPIDLE = of('TCP_KEEPIDLE');
/** The time between two probes, in seconds. */
export const TCP_KEEPINTVL = of('TCP_KEEPINTVL');
/** How many probes may stay without an answer. */
export const TCP_KEEPCNT = of('TCP_KEEPCNT');
/** An option of the level IPPROTO_IPV6. */
export const IPV6_V6ONLY = of('IPV6_V6ONLY');

/** What shutdown() ends: receiving, sending, or both. */
export const SHUT_RD = of('SHUT_RD');
/** Nothing more is sent. */
export const SHUT_WR = of('SHUT_WR');
/** Nothing more is sent or received. */
export const SHUT_RDWR = of('SHUT_RDWR');
