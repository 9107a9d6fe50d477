/** Norm constraints, gradient clipping and projections. */
export { clipByGlobalNorm, clipByNorm, clipByValue, type ClipNormOptions } from './clip.js';
export { normConstraint, type NormConstraintOptions } from './norm-constraint.js';
export { box, nonNegative, unitNorm, type UnitNormOptions } from './projections.js';
export { simplex, type SimplexOptions } from './simplex.js';
export { totalNormConstraint, type TotalNormOptions } from './total-norm-constraint.js';
