/** The Adam family. */
export { adam } from './adam.js';
export { adamax } from './adamax.js';
export { amsgrad } from './amsgrad.js';
