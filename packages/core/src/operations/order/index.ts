/** Orders and what goes along one: what users import of it. */
export { cumprod, type CumprodOptions } from './cumulative-products.js';
export { median, quantile, type QuantileOptions } from './quantile.js';
export { cummax, cummin, type RunningExtremeOptions } from './running-extremes.js';
export { searchSorted, type SearchSortedOptions } from './search-sorted.js';
export { argSort, sort, type SortOptions } from './sort.js';
export { type Chosen, topK, type TopKOptions } from './top-k.js';
