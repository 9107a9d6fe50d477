/** Linear algebra: what users import of it. */
export { cholesky } from './cholesky.js';
export { eigh, type Eigen } from './eigh.js';
export { qr, type QrFactors } from './qr.js';
