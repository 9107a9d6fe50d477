// The links of a package's README to files of the repository: relative as long as there is no address, else absolute, since npm's page has no files.

/** Either form, from packages/NAME. */
const LINK = /\]\((?:\.\.\/\.\.|https:\/\/[^\s)]+?\/blob\/main)\/([^\s)]+)\)/g;

/** The text of a README with its links to files of the repository in the form that the address asks for. */
export function withLinks(text: string, address: string): string {
  const base = address === '' ? '../..' : `${address}/blob/main`;
  return text.replace(LINK, (_, file: string) => `](${base}/${file})`);
}

/** The files of the repository, from its top, that a README links to. */
export const linkedFiles = (text: string): readonly string[] => [...text.matchAll(LINK)].map(([, file = '']) => file);
