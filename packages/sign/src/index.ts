/** Rules that go by the sign of the gradient: Lion, sign descent, Signum, Rprop. */
export {};
