/** Rules that need no schedule, and are evaluated at an average: schedule-free SGD, AdamW and RAdam. */
export { evaluationParameters } from './evaluation-parameters.js';
export { scheduleFreeAdamw } from './schedule-free-adamw.js';
export { scheduleFreeRadam } from './schedule-free-radam.js';
export { scheduleFreeSgd } from './schedule-free-sgd.js';
