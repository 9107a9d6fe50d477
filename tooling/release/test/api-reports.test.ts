// The public interface is what its committed reports say: whoever changes it sees so, and so does a reviewer.
import { doors } from '@pappus/workspace';
import { beforeAll, describe, expect, it } from 'vitest';
import { committedReports, makeReports, reportName } from '../src/api-reports/reports.js';

const TELL = 'the public interface is not what tooling/release/api says: `npx pnpm@12 run api-reports` writes it; look at the change, and commit it with a changeset';

describe('the reports in tooling/release/api', () => {
  let made: ReadonlyMap<string, string>;
  let committed: ReadonlyMap<string, string>;

  beforeAll(async () => {
    [made, committed] = await Promise.all([makeReports(), committedReports()]);
  });

  it('are of every door of every public package, and of no other', () => {
    expect([...committed.keys()].sort(), TELL).toEqual(doors.map(reportName).sort());
    expect([...made.keys()].sort()).toEqual([...committed.keys()].sort());
  });

  it.each(doors)('say what $name exports', (door) => {
    expect(made.get(reportName(door)), TELL).toBe(committed.get(reportName(door)));
  });
});
