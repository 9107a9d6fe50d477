/** Which graphs this compiler understands: those of one version, made by the one copy of core that it shares. */
import { BackendError, Expr } from '@pappus/core';
import { type Computation } from '@pappus/core/backend';

/** Goes up with `GRAPH_VERSION` of `@pappus/core`, when the compiler has learnt what is new. */
export const SPOKEN_GRAPH_VERSION = 1;

/**
 * Refuses what this compiler would misunderstand.
 *
 * @throws {BackendError} if the computation is of another version of the graph, or was made by another copy of core
 */
export function checkComputation({ graphVersion, inputs, outputs, updates }: Computation): void {
  const given: unknown = graphVersion;
  if (given !== SPOKEN_GRAPH_VERSION) {
    const [made, older] =
      typeof given === 'number' ? [`version ${given}`, given < SPOKEN_GRAPH_VERSION ? '@pappus/core' : 'the package of the backend, with @pappus/compiler in it'] : ['an unknown version', '@pappus/core'];
    throw new BackendError(
      `@pappus/core makes graphs of ${made}, and @pappus/compiler speaks version ${SPOKEN_GRAPH_VERSION}; update ${older}, so that both speak one version`,
    );
  }
  for (const { expr } of [...inputs, ...outputs, ...updates, ...updates.map(({ variable }) => ({ expr: variable }))]) {
    if (!isOwn(expr)) {
      throw new BackendError(
        `${expr.toString()} is of another copy of @pappus/core than the backend's: two copies are installed, and only one may be. 'npm ls @pappus/core' shows who brings them, 'npm dedupe' or equal versions in package.json make them one`,
      );
    }
  }
}

function isOwn(expr: unknown): boolean {
  return expr instanceof Expr;
}
