import { adam, compile, cpu, crossEntropy, evaluate, glorotUniform, input, ones, print, variable, zeros } from '../src/index.js';
import { expect, test } from 'vitest';

test('a sum', async () => {
  const x = variable(ones([1000]));
  const f = await compile({ outputs: { s: x.mul(2).sum(), y: x.add(1).sqrt() } }, await cpu());
  const { s, y } = await f();
  expect(await s.item()).toBe(2000);
  expect((await y.read())[999]).toBeCloseTo(Math.SQRT2, 6);
});

test('an mlp', async () => {
  const images = input('float32', ['batch', 20], 'images');
  const labels = input('int32', ['batch'], 'labels');
  const params = [
    variable(glorotUniform([20, 30], { seed: 1 }), { name: 'w1' }), variable(zeros([30]), { name: 'b1' }),
    variable(glorotUniform([30, 17], { seed: 2 }), { name: 'w2' }), variable(zeros([17]), { name: 'b2' }),
    variable(glorotUniform([17, 10], { seed: 3 }), { name: 'w3' }), variable(zeros([10]), { name: 'b3' }),
  ] as const;
  const [w1, b1, w2, b2, w3, b3] = params;
  const logits = images.matmul(w1).add(b1).relu().matmul(w2).add(b2).relu().matmul(w3).add(b3);
  const loss = crossEntropy(logits, labels);
  const train = await compile({ inputs: { images, labels }, outputs: { loss, logits }, updates: adam(loss, params) }, await cpu());
  const x = Float32Array.from({ length: 20 * 13 }, (_, k) => Math.sin(k));
  const t = Int32Array.from({ length: 13 }, (_, k) => (k * 7) % 10);
  const expected = await evaluate(loss, [[images, x], [labels, t]]);
  const { loss: got } = await train({ images: x, labels: t });
  console.log(expected.data[0], await got.item());
  for (let k = 0; k < 20; k++) await train({ images: x, labels: t });
  console.log(train.program.kernels.map((k) => `${k.kind} ${k.name} seg ${k.segments} r ${k.reads.join()} w ${k.writes.join()}`).join('\n'), train.program.hostScalars, train.program.bytes);
  const again = await evaluate(loss, [[images, x], [labels, t]]);
  console.log(again.data[0], await (await train({ images: x, labels: t })).loss.item());
  void print;
});
