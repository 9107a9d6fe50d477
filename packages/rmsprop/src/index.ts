/** RMSProp. */
export { rmsprop } from './rmsprop.js';
