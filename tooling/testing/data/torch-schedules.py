"""Rates of torch.optim.lr_scheduler in float64 before each step, by the calls that made them; and what ReduceLROnPlateau does with losses."""
import json, math, torch
from torch.optim import lr_scheduler as L

BASE, STEPS = 0.05, 60
def rates(make, steps=STEPS, base=BASE):
    o = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=base)
    s = make(o)
    out = []
    for _ in range(steps):
        out.append(float(o.param_groups[0]['lr'])); o.step(); s.step()
    return out
calls = {
 "CyclicLR(0.01, 0.1, step_size_up=4, step_size_down=7)": lambda o: L.CyclicLR(o, 0.01, 0.1, step_size_up=4, step_size_down=7, cycle_momentum=False),
 "CyclicLR(0.01, 0.1, step_size_up=5, mode=triangular2, step_size_down=3)": lambda o: L.CyclicLR(o, 0.01, 0.1, step_size_up=5, mode='triangular2', step_size_down=3, cycle_momentum=False),
 "CyclicLR(0.01, 0.1, 6, None, exp_range, 0.94)": lambda o: L.CyclicLR(o, 0.01, 0.1, 6, None, 'exp_range', 0.94, cycle_momentum=False),
 "OneCycleLR(max_lr=0.2, total_steps=60, pct_start=0.25, three_phase=True)": lambda o: L.OneCycleLR(o, max_lr=0.2, total_steps=60, pct_start=0.25, three_phase=True),
 "OneCycleLR(max_lr=0.2, total_steps=60, pct_start=0.21, anneal_strategy=linear, div_factor=10, final_div_factor=100)": lambda o: L.OneCycleLR(o, max_lr=0.2, total_steps=60, pct_start=0.21, anneal_strategy='linear', div_factor=10, final_div_factor=100),
 "OneCycleLR(max_lr=0.2, total_steps=60, anneal_strategy='linear', three_phase=True)": lambda o: L.OneCycleLR(o, max_lr=0.2, total_steps=60, anneal_strategy='linear', three_phase=True),
 "CosineAnnealingWarmRestarts(5)": lambda o: L.CosineAnnealingWarmRestarts(o, 5),
 "CosineAnnealingWarmRestarts(T_0=3, T_mult=3, eta_min=0.001)": lambda o: L.CosineAnnealingWarmRestarts(o, T_0=3, T_mult=3, eta_min=0.001),
 "CosineAnnealingLR(50)": lambda o: L.CosineAnnealingLR(o, 50),
 "StepLR(1)": lambda o: L.StepLR(o, 1),
 "StepLR(13, 0.7)": lambda o: L.StepLR(o, 13, 0.7),
 "MultiStepLR([4, 4, 30])": lambda o: L.MultiStepLR(o, [4, 4, 30]),
 "ConstantLR()": lambda o: L.ConstantLR(o),
 "LinearLR()": lambda o: L.LinearLR(o),
 "PolynomialLR()": lambda o: L.PolynomialLR(o),
 "PolynomialLR(total_iters=40, power=0.5)": lambda o: L.PolynomialLR(o, total_iters=40, power=0.5),
 "SequentialLR([ConstantLR(factor=0.1, total_iters=4), LinearLR(1/4, 1, 6), CosineAnnealingLR(T_max=20)], milestones=[8, 20])": lambda o: L.SequentialLR(o, [L.ConstantLR(o, factor=0.1, total_iters=4), L.LinearLR(o, 1/4, 1, 6), L.CosineAnnealingLR(o, T_max=20)], milestones=[8, 20]),
}
# Losses by a linear congruence, so that they are the same anywhere: they fall, stall and jump.
def losses(n):
    x, out = 7, []
    for k in range(n):
        x = (1103515245 * x + 12345) % 2**31
        out.append(round(3 * math.exp(-k / 12) + 0.2 + 0.1 * x / 2**31, 6))
    return out
plateaus = [
 {}, {'patience': 0}, {'factor': 0.5, 'patience': 2, 'cooldown': 3}, {'patience': 1, 'threshold': 0.05, 'threshold_mode': 'abs', 'factor': 0.5, 'min_lr': 0.004},
 {'mode': 'max', 'patience': 3, 'factor': 0.3}, {'mode': 'max', 'threshold_mode': 'abs', 'threshold': 0.02, 'patience': 2, 'cooldown': 1, 'factor': 0.7},
 {'patience': 1, 'factor': 0.9, 'eps': 0.004}, {'patience': 2, 'threshold': 0.1, 'factor': 0.5, 'cooldown': 5, 'min_lr': 1e-4},
]
def plateau(options):
    o = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=BASE)
    s = L.ReduceLROnPlateau(o, **options)
    seen = losses(STEPS)
    if options.get('mode') == 'max': seen = [4 - v for v in seen]
    out = []
    for v in seen:
        s.step(v); out.append(float(o.param_groups[0]['lr']))
    return {'options': options, 'losses': seen, 'rate_after_each_loss': out}
print(json.dumps({'about': f'Learning rates of torch.optim.lr_scheduler {torch.__version__} in float64, by torch-schedules.py.', 'base_lr': BASE,
  'rate_before_each_step': {k: rates(v) for k, v in calls.items()}, 'plateaus': [plateau(p) for p in plateaus]}))
