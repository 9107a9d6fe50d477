/** Rules that go by the sign of the gradient: Lion, sign descent, Signum, Rprop. */
export { lion } from './lion.js';
export { rprop } from './rprop.js';
export { signSgd } from './sign-sgd.js';
export { signum } from './signum.js';
