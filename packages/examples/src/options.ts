/** Reads a command line so that a wrong one gets one line that names what is allowed. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';

/** The command line asks for something that does not exist; the message is one line for the one who wrote it. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/** The command line asks for the help, which `message` is. */
export class HelpRequest extends Error {
  override readonly name = 'HelpRequest';
}

/** A command without a will of its own: it prints nothing and never ends the process. */
export function quietCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .showSuggestionAfterError(false)
    .allowExcessArguments(false)
    .configureOutput({ writeOut: () => {}, writeErr: () => {} });
}

/** Parses the arguments after the script's name. Throws {@link OptionError} or {@link HelpRequest}. */
export function parse(command: Command, args: readonly string[]): void {
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') throw new HelpRequest(command.helpInformation());
    const message = error.message.replace(/^error: /, '').replace(/\.$/, '');
    const names = command.options.map(({ long }) => long).join(', ');
    const unknown = error.code === 'commander.unknownOption' || error.code === 'commander.excessArguments';
    throw new OptionError(unknown ? `${message}. Allowed options are ${names}, --help.` : `${message}.`);
  }
}

/** Accepts a whole number in [least, most]. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Allowed are whole numbers from ${least} to ${most}.`);
  };
}

/** Accepts a number greater than zero. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Allowed are numbers greater than 0.');
}

/** Accepts a number of at least zero. */
export function nonNegativeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Allowed are numbers of at least 0.');
}
