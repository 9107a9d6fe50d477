// A small recurrent network with long short-term memory, whose loss runs a scan.
import { concat, glorotUniform, input, type InputValue, normal, ones, scan, type Expr, type Variable, variable, zeros } from '../../src/index.js';

export interface Recurrent {
  readonly inputs: Readonly<Record<'x' | 'y', Expr>>;
  readonly params: readonly [embedding: Variable, ofInput: Variable, ofState: Variable, bias: Variable, out: Variable];
  readonly loss: Expr;
  readonly values: Readonly<Record<'x' | 'y', InputValue>>;
}

const [TIME, BATCH, WIDTH] = [6, 3, 4];

export function recurrent(dtype: 'float32' | 'float64' = 'float32'): Recurrent {
  const x = input(dtype, [TIME, BATCH, 2], 'x');
  const y = input(dtype, [BATCH], 'y');
  const made = (value: Expr, name: string): Variable => variable(value, { name });
  const embedding = made(normal([2, 3], { seed: 1, dtype }), 'embedding');
  const ofInput = made(glorotUniform([3, 4 * WIDTH], { seed: 2, dtype }), 'lstm.input');
  const ofState = made(glorotUniform([WIDTH, 4 * WIDTH], { seed: 3, dtype }), 'lstm.state');
  const bias = made(concat([ones([WIDTH], { dtype }), zeros([3 * WIDTH], { dtype })], 0), 'lstm.bias');
  const out = made(normal([WIDTH], { seed: 4, dtype }), 'out');
  const state = zeros([BATCH, WIDTH], { dtype });
  const { carry } = scan(({ hidden, cell }, part) => {
    const gates = part.add(hidden.matmul(ofState));
    const gate = (k: number): Expr => gates.slice(null, [k * WIDTH, (k + 1) * WIDTH]);
    const nextCell = gate(0).sigmoid().mul(cell).add(gate(1).sigmoid().mul(gate(2).tanh()));
    return { carry: { hidden: gate(3).sigmoid().mul(nextCell.tanh()), cell: nextCell } };
  }, { carry: { hidden: state, cell: state }, inputs: x.matmul(embedding).matmul(ofInput).add(bias) });
  const loss = carry.hidden.mul(out).sum(1).sub(y).square().mean();
  const waves = (count: number, shift: number): number[] => Array.from({ length: count }, (_, k) => Math.sin(k * 1.3 + shift));
  const held = dtype === 'float32' ? Float32Array : Float64Array;
  return { inputs: { x, y }, params: [embedding, ofInput, ofState, bias, out], loss, values: { x: held.from(waves(TIME * BATCH * 2, 0)), y: held.from(waves(BATCH, 1)) } };
}
