// The script that pages and Node run: a small network learns for a few steps, and every number is reported to the bit.
import { adam, compile, cpu, crossEntropy, glorotUniform, input, type ProgramDescription, variable, zeros } from 'pappus';

export interface TrainingReport {
  /** Whether the engine has relaxed SIMD, whose multiply-add rounds once instead of twice. */
  readonly relaxedSimd: boolean;
  /** The bits of float32 numbers, as unsigned integers. */
  readonly losses: readonly number[];
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly program: ProgramDescription;
}

const STEPS = 20;
const BATCH = 19;

/** Sizes that are no multiple of a vector's lanes, so that every loop has a remainder. */
const SIZES = { features: 13, first: 22, second: 17, classes: 5 };

function bitsOf(values: ArrayLike<number>): number[] {
  return Array.from(new Uint32Array(Float32Array.from(values).buffer));
}

async function train(): Promise<TrainingReport> {
  const { features, first, second, classes } = SIZES;
  const x = input('float32', ['batch', features], 'x');
  const labels = input('int32', ['batch'], 'labels');
  const w1 = variable(glorotUniform([features, first], { seed: 1 }), { name: 'w1' });
  const b1 = variable(zeros([first]), { name: 'b1' });
  const w2 = variable(glorotUniform([first, second], { seed: 2 }), { name: 'w2' });
  const b2 = variable(zeros([second]), { name: 'b2' });
  const w3 = variable(glorotUniform([second, classes], { seed: 3 }), { name: 'w3' });
  const b3 = variable(zeros([classes]), { name: 'b3' });
  const params = [w1, b1, w2, b2, w3, b3];

  const hidden = x.matmul(w1).add(b1).relu().matmul(w2).add(b2).tanh();
  const loss = crossEntropy(hidden.matmul(w3).add(b3), labels);
  const backend = await cpu();
  const step = await compile({ inputs: { x, labels }, outputs: { loss }, updates: adam(loss, params, { learningRate: 0.01 }) }, backend);

  const losses: number[] = [];
  for (let t = 0; t < STEPS; t++) {
    const classOf = Int32Array.from({ length: BATCH }, (_, row) => (row * 3 + t) % classes);
    // Noise in [0, 1) and 1 for the features that tell the class: quarters are exact, and so the same in every engine.
    const values = Float32Array.from({ length: BATCH * features }, (_, k) => {
      const tells = (k % features) % classes === classOf[Math.floor(k / features)];
      return ((k * 37 + t * 11) % 4) / 4 + (tells ? 1 : 0);
    });
    const { loss: current } = await step({ x: values, labels: classOf });
    losses.push(...bitsOf(await current.read()));
  }
  const parameters: Record<string, number[]> = {};
  for (const param of params) parameters[param.name] = bitsOf(await param.read());
  return { relaxedSimd: backend.info.relaxedSimd, losses, parameters, program: step.program };
}

Object.assign(globalThis, { report: train() });
