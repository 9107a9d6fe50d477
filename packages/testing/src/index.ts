/** Numbers, compared; the suites have doors of their own. */
export { allClose, type Tolerance } from './all-close.js';
