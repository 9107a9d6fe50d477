/** The errors that a user can cause, one class a kind. Every message names what was given and says what to do. */

/** The base of all errors of Pappus. */
export class PappusError extends Error {
  /** The class, for those who have only the error's text or come from another copy. */
  override readonly name: string = 'PappusError';
}

/** Shapes that do not fit an operation, a variable or an input. */
export class ShapeError extends PappusError {
  override readonly name = 'ShapeError';
}

/** A dtype that an operation, a variable or an input does not take. */
export class DTypeError extends PappusError {
  override readonly name = 'DTypeError';
}

/** A graph that means nothing: a loss that is no scalar, a parameter that it does not depend on, an input not declared. */
export class GraphError extends PappusError {
  override readonly name = 'GraphError';
}

/** Parameters, gradients, updates or hyperparameters that an optimizer does not take. */
export class OptimizerError extends PappusError {
  override readonly name = 'OptimizerError';
}

/** A value given to a call or to a variable that does not fit its declaration. */
export class InputError extends PappusError {
  override readonly name = 'InputError';
}

/** An output read after its function was called again. */
export class StaleOutputError extends PappusError {
  override readonly name = 'StaleOutputError';
}

/** A variable, a compiled function or its output, or a backend, used after `dispose()`. */
export class DisposedError extends PappusError {
  override readonly name = 'DisposedError';
}

/** A backend that cannot do what it was asked, or a variable that lives on another one. */
export class BackendError extends PappusError {
  override readonly name = 'BackendError';
}
