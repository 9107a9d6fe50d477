/** Optimizers for TypeScript, compiled: every package under one name. */
export * from '@pappus/adadelta';
export * from '@pappus/adagrad';
export * from '@pappus/adam';
export * from '@pappus/backend-cpu';
export { type Difference, findDifference, type FindDifferenceOptions } from '@pappus/compiler/find-difference';
export * from '@pappus/constraints';
export * from '@pappus/core';
export * from '@pappus/factored';
export * from '@pappus/muon';
export * from '@pappus/rate-free';
export * from '@pappus/rmsprop';
export * from '@pappus/schedule-free';
export * from '@pappus/schedules';
export * from '@pappus/sgd';
export * from '@pappus/sign';
export * from '@pappus/sophia';
export * from '@pappus/trust';
export * from '@pappus/wrappers';
