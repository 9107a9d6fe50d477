// How the code of a page is read: programs, applications, and what they print.
import { describe, expect, it } from 'vitest';
import { codeOf, MARK } from '../src/programs.js';

const block = (language: string, code: string): string => `\`\`\`${language}\n${code}\n\`\`\`\n`;

describe('the code of a page', () => {
  it('begins a program where something is imported, and goes on where nothing is', () => {
    const text = [block('ts', "import 'a';"), 'words', block('ts', 'f();'), block('text', 'f'), block('ts', "import 'b';")].join('\n');
    expect(codeOf('page', text).programs).toEqual([
      { name: 'page-1.ts', code: `import 'a';\nconsole.log('${MARK}');\nf();\n`, prints: [undefined, 'f'] },
      { name: 'page-2.ts', code: "import 'b';\n", prints: [undefined] },
    ]);
  });

  it('takes text for what is printed only right behind code', () => {
    expect(codeOf('page', [block('ts', "import 'a';"), 'words\n', block('text', 'a formula')].join('\n')).programs[0]?.prints).toEqual([undefined]);
    expect(codeOf('page', [block('ts', "import 'a';"), block('python', 'f()'), block('text', 'f')].join('\n')).programs[0]?.prints).toEqual([undefined]);
  });

  it('gathers files with names into an application', () => {
    const text = [block('ts', '// worker.ts\nf();'), 'and\n', block('tsx', '// main.tsx\ng();'), block('text', 'done'), block('ts', '// main.ts\nh();')].join('\n');
    expect(codeOf('page', text).applications).toEqual([
      { name: 'page-application-1', files: [{ name: 'worker.ts', code: '// worker.ts\nf();\n' }, { name: 'main.tsx', code: '// main.tsx\ng();\n' }], says: 'done' },
      { name: 'page-application-2', files: [{ name: 'main.ts', code: '// main.ts\nh();\n' }], says: undefined },
    ]);
  });

  it('refuses a page whose first block goes on from nowhere', () => {
    expect(() => codeOf('page', block('ts', 'f();'))).toThrow('the first block of code of page imports nothing, and there is none before it to go on from');
  });
});
