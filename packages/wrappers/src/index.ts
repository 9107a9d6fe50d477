/** What goes over any rule: groups, accumulation, averages, look-ahead, SAM, cautious steps, skipped steps. */
export { cautious, type CautiousOptions } from './cautious.js';
