/** Programs as text, for people: an entry point of its own, which is loaded when somebody asks. */
export { type FormatOptions, formatProgram } from './program.js';
export { routineSteps } from './routine.js';
