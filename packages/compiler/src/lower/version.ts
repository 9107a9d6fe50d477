/**
 * Which graphs this compiler understands: those of one version, made by the one copy of core that it shares. Within a version a newer core
 * may have more kinds of nodes, operations and fields; those are refused by name.
 */
import { BackendError, Expr } from '@pappus/core';
import { BRAND, type Computation, VERSION as INSTALLED_CORE } from '@pappus/core/backend';
import { CORE_VERSION, VERSION } from '../version.js';
import type { checkVocabulary } from './vocabulary.js';

/** Goes up with `GRAPH_VERSION` of `@pappus/core`, when the compiler has learnt what is new. */
export const SPOKEN_GRAPH_VERSION = 1;

const UPDATE = 'update the package of the backend, and @pappus/compiler with it';

/** Present where core is newer. */
let newer: typeof checkVocabulary | undefined;

/**
 * Meets the core that is installed, before anything is compiled: to be awaited where a backend is made. If it is newer than this compiler, graphs
 * are checked for what this one does not know from then on.
 *
 * @throws {BackendError} if core is older than this compiler was made for
 */
export async function meetCore(): Promise<void> {
  const ahead = minors(INSTALLED_CORE) - minors(CORE_VERSION);
  if (ahead < 0) throw new BackendError(`@pappus/compiler ${VERSION} was made for @pappus/core ${CORE_VERSION}, and ${INSTALLED_CORE} is installed; update @pappus/core`);
  if (ahead > 0) ({ checkVocabulary: newer } = await import('./vocabulary.js'));
}

/** The order of releases that bring more than corrections. */
function minors(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1e6 + minor;
}

/**
 * Refuses what this compiler would misunderstand.
 *
 * @param sizes of its open dimensions, once they are known
 * @throws {BackendError} if the computation is of another version of the graph, was made by another copy of core, or has an operation that this
 *   compiler does not know
 */
export function checkComputation(computation: Computation, sizes?: ReadonlyMap<string, number>): void {
  const { graphVersion, inputs, outputs, updates } = computation;
  const given: unknown = graphVersion;
  if (given !== SPOKEN_GRAPH_VERSION) {
    const [made, advice] = typeof given === 'number' ? [`version ${given}`, given < SPOKEN_GRAPH_VERSION ? 'update @pappus/core' : UPDATE] : ['an unknown version', 'update @pappus/core'];
    throw new BackendError(`@pappus/core ${INSTALLED_CORE} makes graphs of ${made}, and @pappus/compiler ${VERSION} speaks version ${SPOKEN_GRAPH_VERSION}; ${advice}, so that both speak one version`);
  }
  for (const { expr } of [...inputs, ...outputs, ...updates, ...updates.map(({ variable }) => ({ expr: variable }))]) {
    if (!isOwn(expr)) {
      throw new BackendError(
        `${expr.toString()} is of another copy of @pappus/core (${expr[BRAND].version}) than the backend's (${INSTALLED_CORE}): two copies are installed, and only one may be. 'npm ls @pappus/core' shows who brings them, 'npm dedupe' or equal versions in package.json make them one`,
      );
    }
  }
  newer?.({ computation, sizes, unknown });
}

/** The error of what a newer core has, and this compiler does not. */
export function unknown(what: string): BackendError {
  return new BackendError(`@pappus/core ${INSTALLED_CORE} makes graphs with ${what}, which @pappus/compiler ${VERSION} does not know; ${UPDATE}`);
}

function isOwn(expr: unknown): boolean {
  return expr instanceof Expr;
}
