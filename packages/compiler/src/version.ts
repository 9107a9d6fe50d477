/** Versions for messages and checks; `npx pnpm@12 version-packages` writes them here from the package.json of both packages. */

/** That of this package. */
export const VERSION: string = '0.0.0';

/** That of the `@pappus/core` beside which this package was made: all that graphs have up to its minor is known here. */
export const CORE_VERSION: string = '0.0.0';
