/**
 * How close float32 must come, as a part of the way that a parameter has gone from 0. A rule rounds about ten times a step,
 * each time by at most 2^-24 = 6e-8 of a number that is no larger than its result or the terms of a mean, and a parameter
 * once a step; twelve steps of the reference's end within 8e-7 of the way. An epsilon in the wrong place is 2e-6 or more off
 * wherever a gradient is small enough to meet it, which epsilon.test.ts proves.
 */
export const float32OfTheWay = 2e-6;
