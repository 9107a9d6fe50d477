/** The Adam family. */
export { adabelief } from './adabelief.js';
export { adabound } from './adabound.js';
export { adam } from './adam.js';
export { adamax } from './adamax.js';
export { adamaxw } from './adamaxw.js';
export { adamw } from './adamw.js';
export { amsgrad } from './amsgrad.js';
export { nadam } from './nadam.js';
export { nadamw } from './nadamw.js';
export { radam } from './radam.js';
export { yogi } from './yogi.js';
