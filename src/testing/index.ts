/**
 * The public names of uvio/testing, nothing else.
 */

export { VirtualClockLoop, type VirtualClockOptions } from './virtual_clock_loop.js';
