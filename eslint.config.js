import { pappusConfig } from '@pappus/eslint-config';

export default pappusConfig(import.meta.dirname);
