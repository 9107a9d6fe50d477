/** Sophia: steps by a running mean of the diagonal of the Hessian. */
export { sophia } from './sophia.js';
