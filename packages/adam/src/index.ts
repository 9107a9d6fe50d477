/** The Adam family. */
export { adam } from './adam.js';
