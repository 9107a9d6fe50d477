/** Adadelta. */
export { adadelta } from './adadelta.js';
