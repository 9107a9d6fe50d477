/** Programs as text, for people: a door of its own, which is loaded when somebody asks. */
export { type FormatOptions, formatProgram } from './program.js';
