/** Linear algebra: what users import of it. */
export { cholesky } from './cholesky.js';
export { eigh, type Eigen } from './eigh.js';
export { inverseRoot, type InverseRootOptions } from './inverse-root.js';
export { qr, type QrFactors } from './qr.js';
export { svd, type Svd } from './svd.js';
export { determinant, slogdet, type SignAndLogarithm } from './determinant.js';
export { leastSquares } from './least-squares.js';
export { conditionNumber, type ConditionNumberOptions, matrixNorm, type MatrixNormOptions, type MatrixNormOrder } from './matrix-norm.js';
export { matrixPower } from './matrix-power.js';
export { inverse, solve } from './solve.js';
export { triangularSolve, type TriangularSolveOptions } from './triangular.js';
