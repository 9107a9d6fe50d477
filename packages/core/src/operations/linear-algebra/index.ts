/** Linear algebra: what users import of it. */
export { cholesky } from './cholesky.js';
export { determinant, slogdet, type SignAndLogarithm } from './determinant.js';
export { leastSquares } from './least-squares.js';
export { matrixNorm, type MatrixNormOptions } from './matrix-norm.js';
export { matrixPower } from './matrix-power.js';
export { inverse, solve } from './solve.js';
export { triangularSolve, type TriangularSolveOptions } from './triangular.js';
