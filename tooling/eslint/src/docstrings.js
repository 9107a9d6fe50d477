// The rule that everything public has a docstring; what is public is found from the entry points, with the types of the whole workspace.
import { undocumented } from './public-declarations.js';

/** What is missing: the same for all files of one program. */
const known = new WeakMap();

function missingIn(program, root) {
  const missing = known.get(program) ?? undocumented(program, root);
  known.set(program, missing);
  return missing;
}

export const docstrings = {
  meta: {
    type: 'suggestion',
    docs: { description: 'everything that an entry point makes reachable has a docstring that an editor shows' },
    schema: [{ type: 'object', properties: { root: { type: 'string' } }, required: ['root'], additionalProperties: false }],
  },
  create(context) {
    const { program } = context.sourceCode.parserServices;
    if (program === undefined || program === null) throw new Error('pappus/docstrings needs types: lint with parserOptions.project, or switch it off');
    const [{ root }] = context.options;
    return {
      Program() {
        for (const { declaration, name } of missingIn(program, root)) {
          const source = declaration.getSourceFile();
          if (source.fileName !== context.filename) continue;
          const { line, character } = source.getLineAndCharacterOfPosition(declaration.getStart(source));
          context.report({ loc: { line: line + 1, column: character }, message: `${name} is public and has no docstring, so that an editor has nothing to show for it.` });
        }
      },
    };
  },
};
