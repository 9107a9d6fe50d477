/** Muon: momentum made orthogonal, for matrices. */
export { muon, type Orthogonalize } from './muon.js';
export { type Coefficients, newtonSchulz, type NewtonSchulzOptions } from './newton-schulz.js';
