/** An operation of torch as a contender, on one thread, timed inside of Python. */
import type { Contender } from '../contender.js';
import { type OperationProblem, requireRight } from '../problems/operations.js';
import { Torch } from '../torch.js';

const SCRIPT = `
import base64, json, sys, time, torch
torch.set_num_threads(1)
print(json.dumps({'version': torch.__version__}), flush=True)
run = None
for line in sys.stdin:
    ask = json.loads(line)
    try:
        if ask['do'] == 'setup':
            x = [torch.frombuffer(bytearray(base64.b64decode(o['data'])), dtype=torch.float32).reshape(o['shape']) for o in ask['operands']]
            run = eval('lambda: ' + ask['code'], {'torch': torch, 'x': x})
            answer = {}
        elif ask['do'] == 'check':
            answer = {'results': [base64.b64encode(r.contiguous().to(torch.float32).numpy().tobytes()).decode() for r in run()]}
        elif ask['do'] == 'time':
            start = time.perf_counter()
            for _ in range(ask['repetitions']):
                run()
            answer = {'seconds': (time.perf_counter() - start) / ask['repetitions']}
        else:
            run, answer = None, {}
    except Exception as error:
        answer = {'error': repr(error)}
    print(json.dumps(answer), flush=True)
`;

/** Python with torch; undefined where there is none. */
export function startTorchOperations(): Promise<{ readonly version: string; readonly torch: Torch } | undefined> {
  return Torch.start(SCRIPT);
}

export function torchOperation(torch: Torch, problem: OperationProblem): Contender {
  const name = 'torch';
  return {
    name,
    async setup() {
      const operands = problem.operands.map(({ shape, data }) => ({ shape, data: Buffer.from(data.buffer).toString('base64') }));
      await torch.ask({ do: 'setup', code: problem.torch, operands });
    },
    async check() {
      const { results } = await torch.ask({ do: 'check' });
      requireRight(name, problem, isTexts(results) ? results.map((text) => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)) : []);
    },
    step: () => torch.ask({ do: 'time', repetitions: 1 }),
    async timed(repetitions) {
      return Number((await torch.ask({ do: 'time', repetitions }))['seconds']) * 1000;
    },
    dispose() {
      void torch.ask({ do: 'forget' }).catch(() => undefined);
    },
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}
