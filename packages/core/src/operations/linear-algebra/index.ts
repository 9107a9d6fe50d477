/** Linear algebra: what users import of it. */
export { cholesky } from './cholesky.js';
export { qr, type QrFactors } from './qr.js';
