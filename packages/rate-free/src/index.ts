/** Rules that find their rate: Prodigy, D-Adaptation, DoG, DoWG, Momo, Polyak. */
export { dAdaptAdagrad } from './dadapt-adagrad.js';
export { dAdaptAdam } from './dadapt-adam.js';
export { dAdaptLion } from './dadapt-lion.js';
export { dAdaptSgd } from './dadapt-sgd.js';
export { dog } from './dog.js';
export { dowg } from './dowg.js';
export { ldog } from './ldog.js';
export { momo } from './momo.js';
export { momoAdam } from './momo-adam.js';
export { polyakSgd } from './polyak-sgd.js';
export { prodigy } from './prodigy.js';
