/** The update rules that the examples offer: all of the table. */
import type { RuleName } from '@pappus/rule-table';
import * as pappus from 'pappus';

export type AnyOptimizer = pappus.Optimizer<{ learningRate: pappus.Hyperparameter }>;

export const optimizers: Readonly<Record<RuleName, AnyOptimizer>> = pappus;
