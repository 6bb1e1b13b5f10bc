// What the thread of piscina.mjs runs: piscina gives one argument.
import { add, work } from './calls.mjs';

export const callAdd = (args) => add(...args);
export const callWork = (args) => work(...args);
