/** Stochastic gradient descent. */
export { sgd } from './sgd.js';
