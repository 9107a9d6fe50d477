/** Norm constraints, gradient clipping and projections. */
export { adaptiveClip, type AdaptiveClipOptions } from './adaptive-clip.js';
export { centralize, type CentralizeOptions } from './centralize.js';
export { clipByBlockRms, clipByGlobalNorm, clipByNorm, clipByValue, type ClipNormOptions } from './clip.js';
export { normConstraint, type NormConstraintOptions } from './norm-constraint.js';
export { l1Penalty, l2Penalty, type PenaltyAmount } from './penalties.js';
export { box, nonNegative, unitNorm, type UnitNormOptions } from './projections.js';
export { simplex, type SimplexOptions } from './simplex.js';
export { totalNormConstraint, type TotalNormOptions } from './total-norm-constraint.js';
