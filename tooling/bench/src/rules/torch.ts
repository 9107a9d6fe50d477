/** Rules of torch.optim as contenders. */
import type { RuleName } from '@pappus/rule-table';
import { uniform } from '../random.js';
import { Torch } from '../torch.js';
import type { Contender } from '../contender.js';
import { expectedAfterChecked, factors, measuredRule, requireAgreement, scaledGradients, type Shape, smallShapes } from '../problems/rules.js';

/** A rule that both have: what torch calls it, what it is given there, and what ours is given for the same steps. */
interface TorchRule {
  readonly call: string;
  readonly given: Readonly<Record<string, unknown>>;
  readonly ours?: Readonly<Record<string, unknown>>;
}

export const torchRules: Partial<Readonly<Record<RuleName, TorchRule>>> = {
  sgd: { call: 'SGD', given: {} },
  momentum: { call: 'SGD', given: { momentum: 0.9 }, ours: { momentum: 0.9 } },
  nesterovMomentum: { call: 'SGD', given: { momentum: 0.9, nesterov: true }, ours: { momentum: 0.9 } },
  adagrad: { call: 'Adagrad', given: { eps: 1e-10 }, ours: { epsilon: 1e-10, epsilonPlace: 'outsideRoot' } },
  rmsprop: { call: 'RMSprop', given: { alpha: 0.99 }, ours: { rho: 0.99, epsilon: 1e-8, epsilonPlace: 'outsideRoot' } },
  adadelta: { call: 'Adadelta', given: { rho: 0.9 }, ours: { rho: 0.9, epsilon: 1e-6 } },
  adam: { call: 'Adam', given: {}, ours: { epsilonPlace: 'corrected' } },
  amsgrad: { call: 'Adam', given: { amsgrad: true }, ours: { epsilon: 1e-14 } },
  adamw: { call: 'AdamW', given: { weight_decay: 0.01 }, ours: { weightDecay: 0.01 } },
  adamax: { call: 'Adamax', given: {}, ours: { epsilonPlace: 'insideMaximum' } },
  nadam: { call: 'NAdam', given: {}, ours: { epsilonPlace: 'corrected' } },
  radam: { call: 'RAdam', given: {} },
  rprop: { call: 'Rprop', given: {} },
  asgd: { call: 'ASGD', given: {} },
  adafactor: { call: 'Adafactor', given: { eps: [2 ** -52, 1e-3] }, ours: { epsilon: 2 ** -52, epsilonPlace: 'least', leastScale: 1e-3, axes: 'lastTwo', weightDecay: 0 } },
  muon: { call: 'Muon', given: { weight_decay: 0 } },
};

/** torch's Muon multiplies in bfloat16, of 8 bits, five times in a row: what it makes of a small matrix differs by a tenth. */
const BFLOAT16 = 0.2;

/** What Python does; it has one rule at a time. */
const SCRIPT = `
import json, sys, time, torch
torch.set_num_threads(1)
def make(call, given, params):
    forms = {}
    for name, extra in (('fused', {'fused': True}), ('foreach', {'foreach': True}), ('plain', {'foreach': False}), ('plain', {})):
        if name in forms: continue
        try:
            rule = getattr(torch.optim, call)(params, **given, **extra)
            rule.step()
            forms[name] = rule
        except (TypeError, RuntimeError, ValueError):
            pass
    return forms
def measure(rule, count):
    start = time.perf_counter()
    for _ in range(count):
        rule.step()
    return (time.perf_counter() - start) / count
def quickest(rule):
    first = measure(rule, 1)
    return first if first > 0.5 else min([first] + [measure(rule, 1) for _ in range(4)])
print(json.dumps({'version': torch.__version__}), flush=True)
forms, params = {}, []
for line in sys.stdin:
    ask = json.loads(line)
    try:
        if ask['do'] == 'check':
            small = [torch.tensor(p, dtype=torch.float64).reshape(s).requires_grad_() for p, s in zip(ask['params'], ask['shapes'])]
            rule = getattr(torch.optim, ask['call'])(small, **ask['given'])
            for grads in ask['steps']:
                for p, g in zip(small, grads):
                    p.grad = torch.tensor(g, dtype=torch.float64).reshape(p.shape)
                rule.step()
            answer = {'params': [p.detach().flatten().tolist() for p in small]}
        elif ask['do'] == 'setup':
            params = [torch.rand(s).requires_grad_() for s in ask['shapes']]
            for p in params:
                p.grad = torch.rand_like(p)
            forms = make(ask['call'], ask['given'], params)
            best = {name: quickest(rule) if len(forms) > 1 else 0 for name, rule in forms.items()}
            form = min(best, key=best.get)
            forms = {'best': forms[form]}
            answer = {'form': form}
        elif ask['do'] == 'time':
            answer = {'seconds': measure(forms['best'], ask['repetitions'])}
        else:
            forms, params, answer = {}, [], {}
    except Exception as error:
        answer = {'error': repr(error)}
    print(json.dumps(answer), flush=True)
`;

/** Python with torch's rules; undefined where there is none. */
export function startTorchRules(): Promise<{ readonly version: string; readonly torch: Torch } | undefined> {
  return Torch.start(SCRIPT);
}

/** torch's rule of the same name, if there is one. */
export function torchRule(torch: Torch, name: RuleName, shapes: readonly Shape[]): Contender | undefined {
  const entry = torchRules[name];
  if (entry === undefined) return undefined;
  const { call, ours } = entry;
  const rule = measuredRule(name, ours);
  const given = { lr: rule.options.learningRate, ...entry.given };
  let form = '';
  return {
    get name() {
      return `torch ${call}${form === '' ? '' : `, ${form}`}`;
    },
    async setup() {
      form = String((await torch.ask({ do: 'setup', call, given, shapes }))['form']);
    },
    async check() {
      const params = smallShapes.map(([rows, columns], k) => [...uniform(rows * columns, -1, 1, 2 * k + 1)]);
      const steps = factors.map((factor) => scaledGradients(smallShapes, factor).map((values) => [...values]));
      const { params: after } = await torch.ask({ do: 'check', call, given, shapes: smallShapes, params, steps });
      requireAgreement(`torch ${call}`, isLists(after) ? after : [], await expectedAfterChecked(rule), call === 'Muon' ? BFLOAT16 : 1e-5, 1e-12);
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

function isLists(value: unknown): value is readonly (readonly number[])[] {
  return Array.isArray(value);
}
