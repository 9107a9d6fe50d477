// The code of a page as programs. A block of TypeScript that imports something begins a program, and one that imports nothing goes on where the
// block before it ended. Blocks whose first line names a file are the files of one application for a browser. A block of text right after code
// is what that code prints.

/** A file of an application, or of a program, in which lines of nothing but `MARK` stand between blocks. */
export interface SourceFile {
  /** With its extension; of a program the page's name and a number. */
  readonly name: string;
  readonly code: string;
}

export interface Program extends SourceFile {
  /** What each of its blocks prints; undefined where the page does not say. */
  readonly prints: readonly (string | undefined)[];
}

export interface Application {
  readonly name: string;
  readonly files: readonly SourceFile[];
  /** What it says, on the console or in the page. */
  readonly says: string | undefined;
}

export interface PageCode {
  readonly programs: readonly Program[];
  readonly applications: readonly Application[];
}

/** Printed between blocks. */
export const MARK = '\u0001';

const FENCE = /^```(\w+)[^\n]*\n(.*?)^```$/gms;
const NAMED = /^\/\/ ([\w-]+\.tsx?)\n/;

/** Reads the code of a page. */
export function codeOf(page: string, text: string): PageCode {
  const programs: { name: string; code: string; prints: (string | undefined)[] }[] = [];
  const applications: { name: string; files: SourceFile[]; says: string | undefined }[] = [];
  let end = -1;
  let last: 'program' | 'application' | undefined;
  for (const { 0: whole, 1: language = '', 2: code = '', index } of text.matchAll(FENCE)) {
    const follows = text.slice(Math.max(end, 0), index).trim() === '';
    const file = NAMED.exec(code)?.[1];
    if (language === 'text') {
      const program = programs.at(-1);
      const application = applications.at(-1);
      if (follows && last === 'program' && program !== undefined) program.prints[program.prints.length - 1] = code.trim();
      if (follows && last === 'application' && application !== undefined) application.says = code.trim();
      last = undefined;
    } else if ((language === 'ts' || language === 'tsx') && file !== undefined) {
      const application = applications.at(-1);
      // The same name again is a file of the next application.
      if (application === undefined || application.says !== undefined || application.files.some(({ name }) => name === file)) {
        applications.push({ name: `${page}-application-${applications.length + 1}`, files: [{ name: file, code }], says: undefined });
      } else {
        application.files.push({ name: file, code });
      }
      last = 'application';
    } else if (language === 'ts') {
      const program = programs.at(-1);
      if (/^import\b/m.test(code)) programs.push({ name: `${page}-${programs.length + 1}.ts`, code, prints: [undefined] });
      else if (program === undefined) throw new Error(`the first block of code of ${page} imports nothing, and there is none before it to go on from`);
      else {
        program.code += `console.log('${MARK}');\n${code}`;
        program.prints.push(undefined);
      }
      last = 'program';
    } else {
      last = undefined;
    }
    end = index + whole.length;
  }
  return { programs, applications };
}
