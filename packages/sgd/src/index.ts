/** Stochastic gradient descent, its averaged and its optimistic form, and momentum over any rule. */
export { applyMomentum } from './apply-momentum.js';
export { applyNesterovMomentum } from './apply-nesterov-momentum.js';
export { asgd } from './asgd.js';
export { momentum } from './momentum.js';
export { nesterovMomentum } from './nesterov-momentum.js';
export { optimisticGradientDescent } from './optimistic-gradient-descent.js';
export { sgd } from './sgd.js';
