/** The Adam family. */
export { adam } from './adam.js';
export { adamax } from './adamax.js';
export { amsgrad } from './amsgrad.js';
export { adan } from './adan.js';
export { ademamix } from './ademamix.js';
export { adopt } from './adopt.js';
export { grams } from './grams.js';
export { laprop } from './laprop.js';
export { mars } from './mars.js';
export { novograd } from './novograd.js';
