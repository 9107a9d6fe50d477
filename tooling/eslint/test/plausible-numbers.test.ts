// A number in the place of one that is missing is found where programs are made and run, and a tally is none.
import { RuleTester } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, it } from 'vitest';
import { plausibleNumbers } from '../src/plausible-numbers.js';

RuleTester.describe = describe;
RuleTester.it = it;

const says = { message: /is a plausible number where something is missing: use required\(value, what\) or itemAt\(list, position, what\)/ };

new RuleTester({ languageOptions: { parser: tseslint.parser } }).run('plausible-numbers', plausibleNumbers, {
  valid: [
    'counts.set(key, (counts.get(key) ?? 0) + 1);',
    'from = Math.max(from, last.get(buffer) ?? -1);',
    'const list = users.get(key) ?? [];',
    'const { layout = 0 } = options;',
    'const most = options.most ?? 4;',
  ],
  invalid: [
    { code: 'const address = addresses.get(buffer) ?? 0;', errors: [says] },
    { code: 'const value = values[index] ?? NaN;', errors: [says] },
    { code: 'const stride = access.strides[axis] ?? 1;', errors: [says] },
    { code: 'const at = hosts[place] ?? -1;', errors: [says] },
    { code: 'const count = rows[0]?.steps ?? 0;', errors: [says] },
    { code: 'const away = moving.get(buffer)?.stride ?? 0;', errors: [says] },
    { code: 'const least = list[next] ?? Infinity;', errors: [says] },
  ],
});
