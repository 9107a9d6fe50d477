/** What every update rule must do, as tests that a rule passes by being named; and rules along recorded trajectories. */
export { type ClippingTrajectory, clippingTrajectories } from './rules/clipping-reference.js';
export { changes, expectPath, expectWay, type Path, type Recording, replay, type ReplayedRule, type ReplayOptions } from './rules/replay.js';
