/** Trains for one epoch with every update rule and writes the test accuracies into README.md: `pnpm run accuracies`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { ruleNames, rules } from '@pappus/rule-table';

import { backends } from '../backends.js';
import { replaceSection } from '../marked-section.js';
import { evaluatedAt, optimizers } from '../optimizers.js';
import { percent } from '../progress.js';
import { loadMnist } from './data.js';
import { models } from './models.js';
import { accuracyTable, type Accuracy } from './report.js';
import { trainClassifier } from './train.js';

const readme = fileURLToPath(new URL('../../../../README.md', import.meta.url));
const [batch, seed] = [128, 1];

const data = loadMnist();
const accuracies: Accuracy[] = [];
for (const name of ruleNames) {
  const { learningRate } = rules[name].mnist;
  // A backend of its own: nothing that came before is in its memory.
  const backend = await backends.cpu();
  const apart = evaluatedAt(name);
  const task = { model: models.mlp, rule: optimizers[name], learningRate, epochs: 1, batch, seed, backend, data };
  const { confusion } = await trainClassifier(apart === undefined ? task : { ...task, evaluatedAt: apart });
  accuracies.push({ name, learningRate, accuracy: confusion.accuracy });
  console.log(`${name} ${percent(confusion.accuracy)}`);
}

const date = new Date().toISOString().slice(0, 10);
const settings = `The multilayer perceptron of the example, batches of ${batch}, the learning rate falling to 0, seed ${seed}, on the CPU; ${date}.`;
writeFileSync(readme, replaceSection(readFileSync(readme, 'utf8'), 'accuracies', `${accuracyTable(accuracies)}\n\n${settings}`));
