/** The error of a training whose loss has left the numbers. */

/** The loss is no longer a number to go down from. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
  constructor(step: number, loss: number) {
    super(`The loss of step ${step} is ${loss}: the training has diverged. Try a smaller learning rate.`);
  }
}
