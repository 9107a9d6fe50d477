/** Adagrad and its kin. */
export { adagrad } from './adagrad.js';
export { ftrl } from './ftrl.js';
export { madgrad } from './madgrad.js';
