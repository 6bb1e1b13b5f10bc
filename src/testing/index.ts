/**
 * The public names of uvio/testing, nothing else.
 *
 * @module uvio/testing
 */

export { VirtualClockLoop, type VirtualClockOptions } from './virtual_clock_loop.js';
