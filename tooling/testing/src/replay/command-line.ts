// What `npx pnpm@12 run replay` is asked for.
import { parseArgs } from 'node:util';

/** What the help says. */
export const HELP = `npx pnpm@12 run replay FILE... [options]

Replays files of recorded trajectories through the public packages, and says for each which call was made and how far it was from what
was recorded, as a share of the change of the parameters and beyond the roundings of the parameters themselves, of which there are some in
every step. Ends with 1 if one is further off than 1e-9.

  --backend NAME   interpreter (default) or cpu, in float64; webgpu, in float32 and at its tolerance, 1e-5
  --only TEXT      what has the text in its name, peer or function
  --json           all as one object on standard output
  --help           this
`;

const BACKENDS = ['interpreter', 'cpu', 'webgpu'] as const;

export type ReplayBackend = (typeof BACKENDS)[number];

export interface ReplayRequest {
  readonly files: readonly string[];
  readonly backend: ReplayBackend;
  readonly only: string | undefined;
  readonly json: boolean;
}

/** A command line that asks for what there is not; the message is one line. */
export class ReplayArgumentError extends Error {
  override readonly name = 'ReplayArgumentError';
}

/**
 * Reads the arguments behind the script's name; `help` where that is asked for.
 *
 * @throws {ReplayArgumentError} if they are wrong
 */
export function parseReplayArguments(args: readonly string[]): ReplayRequest | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help === true) return 'help';
  const backend = BACKENDS.find((name) => name === (values.backend ?? 'interpreter'));
  if (backend === undefined) throw new ReplayArgumentError(`there is no backend ${values.backend ?? ''}; there are ${BACKENDS.join(', ')}`);
  if (positionals.length === 0) throw new ReplayArgumentError('name a file of recorded trajectories; --help says what else can be asked for');
  return { files: positionals, backend, only: values.only, json: values.json === true };
}

function parsed(args: readonly string[]): { readonly values: { backend?: string; only?: string; json?: boolean; help?: boolean }; readonly positionals: string[] } {
  try {
    return parseArgs({
      args: args.filter((arg) => arg !== '--'),
      options: { backend: { type: 'string' }, only: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new ReplayArgumentError(error instanceof Error ? error.message : String(error));
  }
}
