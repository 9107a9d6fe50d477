/** Muon: momentum made orthogonal, for matrices. */
export {};
