/** PyTorch's fused Adam on the same sizes, where there is a Python with CUDA's torch. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface FusedAdam {
  readonly version: string;
  readonly device: string;
  /** Seconds a step, by the number of elements. */
  readonly seconds: Readonly<Record<string, number>>;
}

const SCRIPT = `
import json, sys, time, torch
assert torch.cuda.is_available()
seconds = {}
for n in map(int, sys.argv[1:]):
    param = torch.full((n,), 0.5, device='cuda', requires_grad=True)
    param.grad = torch.full((n,), 0.1, device='cuda')
    rule = torch.optim.Adam([param], lr=1e-3, fused=True)
    best, count = 1e9, max(3, min(1000, int(1e9 / n)))
    for _ in range(6):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(count):
            rule.step()
        torch.cuda.synchronize()
        best = min(best, (time.perf_counter() - start) / count)
    seconds[str(n)] = best
print(json.dumps({'version': torch.__version__, 'device': torch.cuda.get_device_name(), 'seconds': seconds}))
`;

export async function fusedAdam(sizes: readonly number[]): Promise<FusedAdam | undefined> {
  try {
    const { stdout } = await promisify(execFile)('python3', ['-c', SCRIPT, ...sizes.map(String)]);
    return JSON.parse(stdout) as FusedAdam;
  } catch {
    return undefined; // no Python, no torch, or no CUDA
  }
}
