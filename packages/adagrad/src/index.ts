/** Adagrad. */
export { adagrad } from './adagrad.js';
