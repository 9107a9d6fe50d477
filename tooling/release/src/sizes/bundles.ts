// What people bundle, and the most that it may weigh: minified and gzipped kilobytes (1000 bytes) of what a page loads before its first step.
// A ceiling that can be lowered is lowered; one is raised only in the commit that needs it.
import { families } from '@pappus/rule-table';

export interface Bundle {
  readonly name: string;
  readonly source: string;
  /** Packages that are not counted: what the rest weighs beside them. */
  readonly beside?: readonly string[];
  readonly ceiling: number;
  /** Packages of which nothing may be in it. */
  readonly absent?: readonly string[];
}

/** The perceptron of the first example, one hidden layer of 128, with Adam. */
const perceptron = (backend: string, from: string, more = 'logits'): string => `
import { adam, compile, conv2d, crossEntropy, dropout, evaluate, glorotUniform, input, qr, scan, sort, variable, zeros } from 'pappus';
${from}
const images = input('float32', ['batch', 784]);
const labels = input('int32', ['batch']);
const [w1, w2] = [variable(glorotUniform([784, 128], { seed: 1 })), variable(glorotUniform([128, 10], { seed: 2 }))];
const [b1, b2] = [variable(zeros([128])), variable(zeros([10]))];
const logits = images.matmul(w1).add(b1).relu().matmul(w2).add(b2);
const loss = crossEntropy(${more}, labels);
export const train = await compile({ inputs: { images, labels }, outputs: { loss }, updates: adam(loss, [w1, b1, w2, b2], { learningRate: 1e-3 }) }, await ${backend});`;

const CPU = "import { cpu } from 'pappus';";
const WEBGPU = "import { webgpu } from 'pappus/webgpu';";

const core = ['@pappus/core'];
const ruleBundles = Object.entries(families).flatMap(([family, { rows }]) =>
  Object.keys(rows).map((name): Bundle => ({ name: `\`${name}\` beside core`, source: `export { ${name} } from '@pappus/${family}';`, beside: core, ceiling: name === 'sgd' ? 0.4 : 3 })),
);

export const BUNDLES: readonly Bundle[] = [
  { name: '`import { variable }`', source: "export { variable } from 'pappus';", ceiling: 20.5, absent: ['compiler', 'backend-cpu', 'backend-webgpu', 'sgd', 'adam'] },
  { name: 'gradient descent on three numbers, CPU', source: "import { compile, cpu, sgd, variable } from 'pappus';\nconst x = variable([1, 2, 3]);\nconst loss = x.mul(x).sum();\nexport const train = await compile({ outputs: { loss }, updates: sgd(loss, [x]) }, await cpu());", ceiling: 92.5, absent: ['adam', 'backend-webgpu'] },
  { name: 'a perceptron with Adam, CPU', source: perceptron('cpu()', CPU), ceiling: 96, absent: ['sgd', 'muon', 'backend-webgpu'] },
  { name: 'the same, WebGPU', source: perceptron('webgpu()', WEBGPU), ceiling: 101, absent: ['sgd', 'backend-cpu'] },
  { name: 'the same, either', source: perceptron("('gpu' in navigator ? webgpu() : cpu())", `${CPU}\n${WEBGPU}`), ceiling: 129, absent: ['sgd'] },
  { name: 'the perceptron on the CPU with `dropout`', source: perceptron('cpu()', CPU, 'dropout(logits, 0.5, { step: labels.slice(0) })'), ceiling: 96.5 },
  { name: 'with `conv2d`', source: perceptron('cpu()', CPU, 'conv2d(images.reshape([1, 1, 28, 28]), w2.reshape([10, 1, 8, 16])).reshape([21, -1])'), ceiling: 98 },
  { name: 'with `scan`', source: perceptron('cpu()', CPU, 'scan((c, x) => ({ carry: c.add(x) }), { carry: b2, inputs: logits }).carry'), ceiling: 100.5 },
  { name: 'with `qr`', source: perceptron('cpu()', CPU, 'qr(logits).q'), ceiling: 102 },
  { name: 'with `sort`', source: perceptron('cpu()', CPU, 'sort(logits)'), ceiling: 101.5 },
  { name: 'with `evaluate`', source: `${perceptron('cpu()', CPU)}\nexport const known = evaluate(b1);`, ceiling: 97.5 },
  ...ruleBundles,
];
