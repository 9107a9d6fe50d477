/** Routines, for who writes one, compiles one or checks one; programs without any load none of it. */
export { type ArrayDType, BINARY, type BinaryName, type NumberType, type RoutineArray, type RoutineCode, type RoutineLocal, type RoutineReduceOp, type RoutineReduction, type RoutineStep, type Term, UNARY, type UnaryName } from './code.js';
export { choose, float, int, RoutineBuilder } from './builder.js';
export { applyRoutine, defineRoutine, type Routine } from './routine.js';
export { knownLocals, type KnownLocals } from './locals.js';
export { allSteps, blocksOf, localsSet, termsOf, withParts } from './walk.js';
export { neutral, reducing, runnable, type RunnableRoutine, type RunOptions } from './run.js';
