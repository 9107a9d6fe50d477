import type { Rule } from 'eslint';

/** Reports a number in the place of one that is missing. */
export declare const plausibleNumbers: Rule.RuleModule;
