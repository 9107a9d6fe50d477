/** Rules whose step is in proportion to the norm of the parameter: LAMB, LARS, Fromage. */
export { fromage } from './fromage.js';
export { lamb } from './lamb.js';
export { lars } from './lars.js';
