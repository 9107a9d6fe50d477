// The reference: what every package exports, written by TypeDoc as pages of docs/reference, which git ignores.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type PublicPackage, publicPackages, workspaceRoot } from '@pappus/workspace';
import { Application, type CommentDisplayPart, type Context, Converter, DeclarationReflection, type ProjectReflection, type Reflection, ReflectionKind } from 'typedoc';
import ts from 'typescript';
import { anchorOf } from './links.js';
import { DOCS } from './docs.js';

const DIRECTORY = path.join(DOCS, 'reference');

/** A page of the reference. */
export interface ReferencePage {
  /** What is imported. */
  readonly module: string;
  /** What of it the page has, where a package has several pages. */
  readonly part: string | undefined;
  /** Its file in docs/reference, without `.md`. */
  readonly file: string;
}

/** Core is too much for one page: its parts, by the first directories of its sources that fit. */
const PARTS: Readonly<Record<string, readonly (readonly [part: string, paths: readonly string[]])[]>> = {
  '@pappus/core': [
    ['compiling and running', ['run', 'interpreter', 'errors', 'values/variable', 'values/values']],
    ['rules', ['optimizer', 'arguments']],
    ['gradients and transforms', ['gradients', 'transforms']],
    ['linear algebra and order', ['operations/linear-algebra', 'operations/order', 'operations/products', 'operations/contractions']],
    ['networks and losses', ['operations/activations', 'operations/attention', 'operations/convolution', 'operations/cross-entropy', 'operations/losses', 'operations/ctc-loss', 'operations/contrastive-losses', 'operations/networks', 'operations/normalization', 'operations/pooling', 'operations/pooling-windows', 'operations/adaptive-pooling', 'operations/resize', 'operations/depth-to-space', 'operations/windows', 'operations/spatial']],
    ['random numbers and first values', ['operations/random', 'operations/seeds', 'values']],
    ['methods of expressions', ['graph/expr']],
    ['operations', ['']],
  ],
};

/** The source files of all modules that have pages, by what is imported. The umbrella has none: it says again what the packages say. */
const modules: ReadonlyMap<string, string> = new Map(
  publicPackages.flatMap(({ manifest, doors }) => (manifest.name === 'pappus' ? [] : doors.map(({ name, source }) => [name, source] as const))),
);

/** All pages of the reference, in the order of the packages. */
export function referencePages(): readonly ReferencePage[] {
  return [...modules.keys()].flatMap((module) => (PARTS[module] ?? [[undefined]]).map(([part]) => ({ module, part, file: fileOf(module, part) })));
}

/** Whether the pages are younger than all sources of the packages, and than this module. */
function isCurrent(): boolean {
  const written = statSync(path.join(DIRECTORY, 'index.md'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const directories = [path.join(workspaceRoot, 'tooling/site/src'), ...publicPackages.map(({ directory }) => path.join(directory, 'src'))];
  const files = directories.flatMap((directory) => readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((file) => path.join(directory, file)));
  return files.every((file) => statSync(file).mtimeMs < written);
}

/** Writes all pages, unless they are there and current. */
export async function writeReference(): Promise<void> {
  if (isCurrent()) return;
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: [...modules.values()],
    tsconfig: path.join(workspaceRoot, 'tooling/site/tsconfig.reference.json'),
    skipErrorChecking: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    disableSources: true,
    readme: 'none',
    sort: ['kind', 'alphabetical'],
    logLevel: 'Error',
  });
  for (const [name, value] of Object.entries({ ...MARKDOWN, outputs: [{ name: 'markdown', path: DIRECTORY }] })) app.options.setValue(name, value);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const reflection of Object.values(context.project.reflections)) nameErrors(context, reflection);
    dropInherited(context);
    takeApart(context.project);
  }, 1000);
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc cannot read the packages; `npx pnpm@12 typecheck` says why');
  rmSync(DIRECTORY, { recursive: true, force: true });
  await app.generateOutputs(project);
  // TypeDoc's own list of modules is none of the pages.
  const texts = new Map(readdirSync(DIRECTORY).flatMap((name) => (name === 'modules.md' ? [] : [[`${ownName(name.replace(/\.md$/, ''))}.md`, tidied(readFileSync(path.join(DIRECTORY, name), 'utf8'))] as const])));
  rmSync(DIRECTORY, { recursive: true });
  mkdirSync(DIRECTORY);
  for (const [name, text] of texts) writeFileSync(path.join(DIRECTORY, name), withAnchors(name, text, texts));
  writeFileSync(path.join(DIRECTORY, 'index.md'), overview(publicPackages, referencePages()));
}

/** Settings of the plugin that writes Markdown. */
const MARKDOWN = {
  router: 'module',
  entryFileName: 'modules',
  flattenOutputFiles: true,
  groupOrder: ['Functions', 'Variables', 'Classes', 'Interfaces', 'Type Aliases', '*'],
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  expandParameters: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  textContentMappings: { 'title.modulePage': '{name}' },
};

/** Says the class of an error, which TypeDoc takes for a type and leaves out. */
function nameErrors(context: Context, reflection: Reflection): void {
  const thrown = reflection.comment?.blockTags.filter(({ tag }) => tag === '@throws') ?? [];
  if (thrown.length === 0) return;
  const owner = reflection.isSignature() ? reflection.parent : reflection;
  const declarations = context.getSymbolFromReflection(owner)?.declarations ?? [];
  const tags = declarations.map((declaration) => ts.getJSDocTags(declaration).filter((tag) => ts.isJSDocThrowsTag(tag))).find(({ length }) => length === thrown.length) ?? [];
  for (const [k, tag] of thrown.entries()) {
    const type = tags[k]?.typeExpression?.type.getText().replaceAll(/\s*\|\s*/g, '`, `');
    if (type !== undefined) tag.content.unshift({ kind: 'code', text: `\`${type.trim()}\`` } satisfies CommentDisplayPart, { kind: 'text', text: ' ' } satisfies CommentDisplayPart);
  }
}

/** Members that a class has from another one stand there. */
function dropInherited(context: Context): void {
  for (const owner of context.project.getReflectionsByKind(ReflectionKind.Class)) {
    if (!(owner instanceof DeclarationReflection)) continue;
    const own = new Set<ts.Node>(context.getSymbolFromReflection(owner)?.declarations ?? []);
    for (const member of [...(owner.children ?? [])]) {
      const declarations = context.getSymbolFromReflection(member)?.declarations ?? [];
      if (declarations.length > 0 && !declarations.some(({ parent }) => own.has(parent))) context.project.removeReflection(member);
    }
  }
}

/** Gives modules the names by which they are imported, and takes large ones apart. */
function takeApart(project: ProjectReflection): void {
  const byFile = new Map<string | undefined, DeclarationReflection>((project.children ?? []).map((module) => [project.getSymbolIdFromReflection(module)?.fileName, module] as const));
  for (const [name, file] of modules) {
    const module = byFile.get(file);
    if (module === undefined) throw new Error(`TypeDoc has not read ${file}, which ${name} is`);
    module.name = name;
    const parts = PARTS[name];
    if (parts === undefined) continue;
    for (const [part, paths] of parts) {
      const fit = (module.children ?? []).filter((child) => {
        const source = project.getSymbolIdFromReflection(child)?.fileName ?? '';
        return paths.some((start) => path.relative(path.dirname(file), source).startsWith(start));
      });
      const page = new DeclarationReflection(`${name}: ${part}`, ReflectionKind.Module, project);
      project.registerReflection(page, undefined, undefined);
      project.addChild(page);
      for (const child of fit) {
        module.removeChild(child);
        child.parent = page;
        page.addChild(child);
      }
    }
    project.removeReflection(module);
  }
}

/** `@pappus/core` and `operations` -> `core-operations` */
function fileOf(module: string, part: string | undefined): string {
  return [module, ...(part === undefined ? [] : [part])].join(' ').replace(/^@pappus\//, '').replaceAll(/[^\w-]+/g, '-');
}

/** TypeDoc's name of a page's file, as ours. */
const ownName = (file: string): string => file.replace(/^@pappus\./, '').replaceAll(/[:.]+-?/g, '-');

/** Headings below the names are no headings, so that the search finds names; rules between them are white space; links go to files by our names. */
function tidied(text: string): string {
  return text
    .replaceAll(/^#{4,6} (Parameters|Properties|Methods|Constructors|Accessors|Returns|Throws|Examples?|Type Parameters|Call Signature|Default Value|Overrides|Extends|Extended by|Implements|See|Type Declaration)$/gm, '**$1**')
    .replaceAll(/^\*\*\*$\n\n/gm, '')
    .replaceAll(/\]\((@pappus[^)#]*)\.md/g, (_, file: string) => `](${ownName(file)}.md`);
}

/** TypeDoc also counts headings that it has not written: a link to the second of a name of which a page has one leads to that. */
function withAnchors(from: string, text: string, texts: ReadonlyMap<string, string>): string {
  const once = (file: string, anchor: string): boolean => [...(texts.get(file) ?? '').matchAll(/^#+ (.+)$/gm)].filter(([, heading = '']) => anchorOf(heading) === anchor).length === 1;
  return text.replaceAll(/\]\(([\w-]+\.md)?#([\w-]+?)-\d+\)/g, (link, file: string | undefined, anchor: string) => (once(file ?? from, anchor) ? `](${file ?? ''}#${anchor})` : link));
}

/** The page that leads to all others. */
function overview(packages: readonly PublicPackage[], pages: readonly ReferencePage[]): string {
  const rows = packages.flatMap(({ manifest: { name, description = '' }, doors }) => {
    const own = pages.filter(({ module }) => doors.some((door) => door.name === module));
    const links = own.map(({ module, part, file }) => `[${part ?? `\`${module}\``}](${file}.md)`).join(', ');
    return [`| ${name === 'pappus' ? '`pappus`' : links.startsWith('[`') ? links : `\`${name}\`: ${links}`} | ${description} |`];
  });
  return ['# Reference', '', 'What every package exports, from its docstrings. `pappus` exports what all others do, but for what stands behind a subpath; `pappus/webgpu` is `@pappus/backend-webgpu`.', '', '| package | |', '|---|---|', ...rows, ''].join('\n');
}
