/** Optimizers for TypeScript, compiled: every package under one name. */
export * from '@pappus/adam';
export * from '@pappus/backend-cpu';
export * from '@pappus/core';
export * from '@pappus/sgd';
