/** Rules whose step is in proportion to the norm of the parameter: LAMB, LARS, Fromage. */
export {};
