// What the tests of several packages share: the numbers that other people's code computed.
export { type RecordedDataFile, recordedDataFiles, recordedFile } from './recorded-data.js';
export {
  constraintCases,
  publishedValues,
  trajectories,
  type ConstraintCase,
  type Hyperparameters,
  type MomentumTrajectory,
  type NormConstraintCase,
  type PublishedValues,
  type RuleTrajectory,
  type TotalNormConstraintCase,
  type TotalNormTrajectory,
  type Trajectory,
  type TrajectoryByFunction,
} from './reference.js';
