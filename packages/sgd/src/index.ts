/** Stochastic gradient descent, and momentum over any rule. */
export { applyMomentum } from './apply-momentum.js';
export { applyNesterovMomentum } from './apply-nesterov-momentum.js';
export { momentum } from './momentum.js';
export { nesterovMomentum } from './nesterov-momentum.js';
export { sgd } from './sgd.js';
