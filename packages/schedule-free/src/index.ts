/** Rules that need no schedule, and are evaluated at an average: schedule-free SGD, AdamW and RAdam. */
export {};
