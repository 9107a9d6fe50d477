/** Rules that keep rows and columns in the place of a full second moment: Adafactor, SM3, CAME. */
export { adafactor } from './adafactor.js';
export { came } from './came.js';
export { sm3 } from './sm3.js';
