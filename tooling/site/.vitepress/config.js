// VitePress begins here.
export { siteConfig as default } from '../src/config.ts';
