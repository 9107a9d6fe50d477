// Which rules the backends of a suite were given, in which dtypes.
import type { Backend, Expr, Updates } from '@pappus/core';
import type { TestedRule } from '@pappus/testing/rules';

export class RuleRecording {
  /** The rule that a next value is of. */
  private readonly rules = new WeakMap<Expr, string>();
  private readonly found = new Set<string>();
  private readonly recorded = new WeakSet<Backend>();

  /** The rule, whose updates are known as its own. */
  of(name: string, rule: TestedRule): TestedRule {
    return (...given): Updates => {
      const updates = rule(...given);
      for (const next of updates.values()) this.rules.set(next, name);
      return updates;
    };
  }

  /** The backend, which records from now on the rules of what it is given. */
  on(where: string, backend: Backend): Backend {
    if (this.recorded.has(backend)) return backend;
    this.recorded.add(backend);
    const prepare = backend.prepare.bind(backend);
    backend.prepare = (computation, ...rest) => {
      for (const { expr, variable } of computation.updates) {
        const name = this.rules.get(expr);
        if (name !== undefined) this.found.add(`${name} on ${where} in ${variable.dtype}`);
      }
      return prepare(computation, ...rest);
    };
    return backend;
  }

  /** The rules that a backend was not given in a dtype. */
  missing(names: readonly string[], where: string, dtype: string): string[] {
    return names.filter((name) => !this.found.has(`${name} on ${where} in ${dtype}`));
  }
}
