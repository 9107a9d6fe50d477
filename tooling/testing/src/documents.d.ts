// A document that a test imports is its text; vitest.config.ts says so at run time.
declare module '*.md' {
  const text: string;
  export { text as default };
}
