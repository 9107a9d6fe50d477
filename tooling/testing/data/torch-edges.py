"""Writes torch-edges.json: values and first and second gradients at the edges of operations, as PyTorch has them."""
import json
import sys

import torch
import torch.nn.functional as F

INF, NAN = float('inf'), float('nan')
LOGITS = [[1.0, -INF, 2.0], [-INF, -INF, 0.5], [0.0, 1000.0, -1000.0], [3.0, 3.0, 3.0]]
LARGE = [0.0, -0.0, 1.0, -1.0, 20.0, -20.0, 90.0, -90.0, 1e4, -1e4, 1e-40, -1e-40]
FAR = LARGE + [INF, -INF]

CASES = {
    # name: (operand, function)
    'softmax': (LOGITS, lambda x: torch.softmax(x, -1)),
    'logSoftmax': (LOGITS[2:], lambda x: torch.log_softmax(x, -1)),
    'logSumExp': (LOGITS, lambda x: torch.logsumexp(x, -1)),
    'softplus': (FAR, lambda x: -F.logsigmoid(-x)),
    'logSigmoid': (FAR, F.logsigmoid),
    'sigmoid': (FAR, torch.sigmoid),
    'tanh': (FAR, torch.tanh),
    'relu': (FAR, torch.relu),
    'leakyRelu': (FAR, lambda x: F.leaky_relu(x, 0.01)),
    'elu': (FAR[2:10] + FAR[12:], F.elu),
    'gelu': (LARGE, F.gelu),
    'gelu tanh': (LARGE, lambda x: F.gelu(x, approximate='tanh')),
    'silu': (LARGE, F.silu),
    'erf': (LARGE, torch.erf),
    'expm1': ([0.0, -0.0, -90.0, -INF, 1e-40], torch.expm1),
    'log1p': ([0.0, 1e-40, 1e10], torch.log1p),
    'log': ([1.0, 1e10, 1e-3], torch.log),
    'binaryCrossEntropy of 1': (FAR[:12], lambda x: F.binary_cross_entropy_with_logits(x, torch.ones_like(x), reduction='none')),
    'binaryCrossEntropy of 0': (FAR[:12], lambda x: F.binary_cross_entropy_with_logits(x, torch.zeros_like(x), reduction='none')),
    'huber': ([0.0, 2.0, -2.0, 1e4, 1e-40], lambda x: F.huber_loss(x, torch.zeros_like(x), reduction='none')),
    'hinge': ([0.0, 2.0, -2.0, 1e4], lambda x: torch.relu(1 - x)),
    'absoluteError': ([0.0, 1.0, -1.0], lambda x: F.l1_loss(x, torch.zeros_like(x), reduction='none')),
    'crossEntropy': ([[1.0, -INF, 2.0], [0.0, 1000.0, -1000.0], [-1000.0, 1000.0, 0.0]], lambda x: F.cross_entropy(x, torch.tensor([0, 1, 0]), reduction='none')),
    'klDivergence': ([[0.0, 1.0, 2.0], [50.0, -50.0, 0.0]], lambda x: F.kl_div(torch.log_softmax(x, -1), torch.tensor([[0.0, 0.25, 0.75], [1.0, 0.0, 0.0]], dtype=x.dtype), reduction='none').sum(-1)),
    'prod without zeros': ([1.0, 2.0, 3.0, -4.0], lambda x: x.prod()),
    'prod with one zero': ([1.0, 0.0, 3.0, -4.0], lambda x: pairs(x)),
    'prod with two zeros': ([1.0, 0.0, 0.0, -4.0], lambda x: pairs(x)),
    'prod with three zeros': ([0.0, 0.0, 0.0, -4.0], lambda x: pairs(x)),
    'pow 0': ([0.0, 1e-40, -1e-40, -2.0, 1e30, 3.0], lambda x: x.pow(0.0)),
    'pow 1': ([0.0, 1e-40, -1e-40, -2.0, 1e30, 3.0], lambda x: x.pow(1.0)),
    'pow 2': ([0.0, 1e-40, -1e-40, -2.0, 3.0], lambda x: x.pow(2.0)),
    'pow 3': ([0.0, -2.0, 3.0], lambda x: x.pow(3.0)),
    'pow -1': ([-2.0, 3.0], lambda x: x.pow(-1.0)),
    'pow -2': ([-2.0, 3.0], lambda x: x.pow(-2.0)),
    'layerNorm of equal numbers': ([[2.0, 2.0, 2.0], [0.0, 0.0, 0.0], [1.0, 2.0, 4.0]], lambda x: F.layer_norm(x, [3])),
    'rmsNorm of zeros': ([[0.0, 0.0, 0.0], [1.0, 2.0, 4.0]], lambda x: F.rms_norm(x, [3], eps=1e-6)),
    'batchNorm of equal numbers': ([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]], lambda x: F.batch_norm(x, None, None, training=True)),
    'variance of equal numbers': ([2.0, 2.0, 2.0], lambda x: x.var(correction=1)),
    'norm': ([[3.0, 4.0], [0.0, 2.0]], lambda x: torch.linalg.vector_norm(x, dim=-1)),
    'cosineSimilarity': ([[3.0, 4.0], [1.0, 0.0]], lambda x: F.cosine_similarity(x, torch.tensor([[1.0, 2.0], [0.0, 1.0]], dtype=x.dtype), dim=-1)),
    'attention with a mask of -Infinity': ([[1.0, -1.0], [2.0, 0.5], [3.0, 0.25]], lambda x: attention(x, torch.tensor([[-INF, 0.0, 0.0], [-INF, -INF, -INF], [0.0, -INF, 1.0]], dtype=x.dtype))),
    'max with ties': ([1.0, 3.0, 3.0, -INF], lambda x: torch.amax(x)),
    'max of -Infinity': ([-INF, -INF], lambda x: torch.amax(x)),
    'maximum at a tie': ([0.0, -0.0, 1.0], lambda x: torch.maximum(x, torch.zeros_like(x))),
    'abs': ([0.0, -0.0, 1e-40, -INF], torch.abs),
    'asin': ([0.0, -0.0, 0.5, -0.96875, 1e-40, 2.0], torch.asin),
    'acos': ([0.0, -0.0, 0.5, -0.96875, 1e-40, 2.0], torch.acos),
    'atan': (LARGE, torch.atan),
    'sinh': ([0.0, -0.0, 1.0, -50.0, 88.0, 1e-40], torch.sinh),
    'cosh': ([0.0, -0.0, 1.0, -50.0, 88.0, 1e-40], torch.cosh),
    'asinh': (LARGE, torch.asinh),
    'acosh': ([1.5, 2.0, 1e4, 0.5], torch.acosh),
    'atanh': ([0.0, -0.0, 0.5, -0.96875, 1e-40], torch.atanh),
    'log2': ([1.0, 1e10, 1e-3], torch.log2),
    'log10': ([1.0, 1e10, 1e-3], torch.log10),
    'exp2': ([0.0, -0.0, 1.0, -100.0, 126.0, 1e-40], torch.exp2),
    'hypot beside 4': ([0.0, -0.0, 3.0, -1e4, 1e-40], lambda x: torch.hypot(x, torch.full_like(x, 4.0))),
    'atan2 above -2': ([0.0, -0.0, 1.0, -1e4, 1e-40], lambda x: torch.atan2(x, torch.full_like(x, -2.0))),
    'logAddExp beside 0': ([0.0, 1.0, -1.0, 1e4, -50.0, 1e-40], lambda x: torch.logaddexp(x, torch.zeros_like(x))),
    'std of columns': ([[2.0, 2.0], [2.0, 4.0], [2.0, 9.0]], lambda x: x.std(0, correction=1)),
}


def pairs(x):
    """prod, by multiplication: torch's own prod has no second derivative at zeros."""
    product = x[0]
    for part in x[1:]:
        product = product * part
    return product


def attention(x, mask):
    scores = x @ x.T / x.shape[-1] ** 0.5 + mask
    return torch.ops.aten._safe_softmax(scores, -1) @ x


def weights(t, phase):
    """0.5, -1.25, 2, 0.75, ..., from one of them on: so that no two elements of a gradient can be mixed up."""
    each = [0.5, -1.25, 2.0, 0.75, -0.25]
    return torch.tensor([each[(k + phase) % 5] for k in range(t.numel())], dtype=t.dtype).reshape(t.shape)


def run(values, f, dtype):
    # The same numbers in both dtypes: those of float32.
    x = torch.tensor(values, dtype=torch.float32).to(dtype).requires_grad_()
    y = f(x)
    (first,) = torch.autograd.grad((y * weights(y, 0)).sum(), x, create_graph=True)
    second = torch.zeros_like(x)
    if first.requires_grad:
        (found,) = torch.autograd.grad((first * weights(first, 2)).sum(), x, allow_unused=True)
        second = second if found is None else found
    return {name: listed(t) for name, t in {'y': y, 'first': first, 'second': second}.items()}


def listed(t):
    return [x if x == x and abs(x) != INF else str(x) for x in (t.detach() + torch.zeros(t.shape, dtype=t.dtype)).flatten().tolist()]


if __name__ == '__main__':
    result = {}
    for name, (values, f) in CASES.items():
        x = torch.tensor(values, dtype=torch.float32).to(torch.float64)
        result[name] = {
            'shape': list(x.shape),
            'x': [v if abs(v) != INF else str(v) for v in x.flatten().tolist()],
            'float64': run(values, f, torch.float64),
            'float32': run(values, f, torch.float32),
        }
    json.dump(result, sys.stdout)
