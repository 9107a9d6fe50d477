"""What PyTorch answers for operations of networks, values and gradients in float64: python torch-networks.py > torch-networks.json

Operands are sin(1.3 i + phase) by row-major index i, the phase 1 for the first operand, 2 for the second, 3 for the third; a gradient is that of the sum of
the value's elements, each times cos(1.7 i + 0.3). Numbers that are not finite are written as Python writes them.
"""
import json
import math
import sys

import torch
import torch.nn.functional as F

f64 = torch.float64
cases = {}


def filled(shape, phase=1.0):
    i = torch.arange(math.prod(shape), dtype=f64)
    return torch.sin(1.3 * i + phase).reshape(shape)


def rounded(t):
    return [float(f"{v:.13g}") if math.isfinite(v) else str(v) for v in t.detach().reshape(-1).tolist()]


def case(name, f, *operands):
    """The value of f and its gradients by the operands that are floats."""
    leaves = [o.clone().requires_grad_() if o.dtype == f64 else o for o in operands]
    value = f(*leaves)
    i = torch.arange(value.numel(), dtype=f64).reshape(value.shape)
    loss = (value * torch.cos(1.7 * i + 0.3)).sum()
    wanted = [leaf for leaf in leaves if leaf.dtype == f64]
    gradients = torch.autograd.grad(loss, wanted)
    cases[name] = {"shape": list(value.shape), "value": rounded(value), "gradients": [rounded(g) for g in gradients]}


def positions(name, f, x):
    """The value of a pool and its indices."""
    value, indices = f(x)
    cases[name] = {"shape": list(value.shape), "value": rounded(value), "indices": indices.reshape(-1).tolist()}


# Convolutions.
case("conv3d", F.conv3d, filled((1, 2, 3, 4, 3)), filled((2, 2, 2, 2, 2), 2.0))
case("conv3d strided, grouped", lambda x, w: F.conv3d(x, w, stride=(1, 2, 2), padding=(1, 0, 1), dilation=(2, 1, 1), groups=2), filled((1, 2, 3, 4, 3)), filled((2, 1, 2, 2, 2), 2.0))
case("convTranspose3d", lambda x, w: F.conv_transpose3d(x, w, stride=2, padding=1, output_padding=(1, 0, 1)), filled((1, 2, 2, 2, 2)), filled((2, 2, 2, 3, 2), 2.0))

# Pools.
case("maxPool3d", lambda x: F.max_pool3d(x, 2, stride=1), filled((1, 1, 3, 3, 4)))
case("avgPool3d", lambda x: F.avg_pool3d(x, (2, 1, 2)), filled((1, 2, 2, 2, 5)))
case("maxPool1d dilation 2, padding 1", lambda x: F.max_pool1d(x, 3, stride=2, padding=1, dilation=2), filled((1, 2, 9)))
case("maxPool2d dilation [2, 1]", lambda x: F.max_pool2d(x, 2, stride=1, dilation=(2, 1)), filled((1, 1, 5, 4)))
for n in (5, 6, 7, 8):
    case(f"maxPool1d of {n}, ceilMode", lambda x: F.max_pool1d(x, 3, stride=2, ceil_mode=True), filled((1, 1, n)))
    case(f"maxPool1d of {n}, 2 by 3, padding 1, ceilMode", lambda x: F.max_pool1d(x, 2, stride=3, padding=1, ceil_mode=True), filled((1, 1, n)))
    case(f"avgPool1d of {n}, ceilMode", lambda x: F.avg_pool1d(x, 3, stride=2, padding=1, ceil_mode=True, count_include_pad=False), filled((1, 1, n)))
    case(f"avgPool1d of {n}, ceilMode, countIncludePad", lambda x: F.avg_pool1d(x, 3, stride=2, padding=1, ceil_mode=True, count_include_pad=True), filled((1, 1, n)))
    case(f"avgPool1d of {n}, 2 by 3, ceilMode, countIncludePad", lambda x: F.avg_pool1d(x, 2, stride=3, padding=1, ceil_mode=True, count_include_pad=True), filled((1, 1, n)))
case("avgPool2d padding 1, countIncludePad", lambda x: F.avg_pool2d(x, (2, 3), stride=2, padding=1, count_include_pad=True), filled((1, 1, 4, 5)))
case("avgPool2d padding 1", lambda x: F.avg_pool2d(x, (2, 3), stride=2, padding=1, count_include_pad=False), filled((1, 1, 4, 5)))
positions("maxPool1dWithIndices", lambda x: F.max_pool1d(x, 3, stride=2, padding=1, dilation=2, return_indices=True), filled((2, 2, 9)))
positions("maxPool2dWithIndices", lambda x: F.max_pool2d(x, 3, stride=2, padding=1, ceil_mode=True, return_indices=True), filled((1, 2, 5, 6)))
positions("maxPool3dWithIndices", lambda x: F.max_pool3d(x, 2, return_indices=True), filled((1, 2, 4, 2, 5)))
positions("maxPool2dWithIndices of ties", lambda x: F.max_pool2d(x, 2, stride=1, return_indices=True), torch.round(filled((1, 1, 4, 4))))
positions("maxPool2dWithIndices of -Infinity", lambda x: F.max_pool2d(x, 2, stride=1, padding=1, return_indices=True), torch.full((1, 1, 2, 2), -math.inf, dtype=f64))

# Adaptive pools.
for n, size in ((7, 3), (6, 3), (3, 7), (5, 1), (1, 4), (10, 4)):
    case(f"adaptiveAvgPool1d of {n} to {size}", lambda x: F.adaptive_avg_pool1d(x, size), filled((1, 2, n)))
    case(f"adaptiveMaxPool1d of {n} to {size}", lambda x: F.adaptive_max_pool1d(x, size), filled((1, 2, n)))
case("adaptiveAvgPool2d", lambda x: F.adaptive_avg_pool2d(x, (3, 2)), filled((1, 2, 7, 4)))
case("adaptiveMaxPool2d", lambda x: F.adaptive_max_pool2d(x, (3, 2)), filled((1, 2, 7, 5)))
case("adaptiveAvgPool3d", lambda x: F.adaptive_avg_pool3d(x, (2, 2, 3)), filled((1, 1, 3, 4, 5)))
case("adaptiveMaxPool3d", lambda x: F.adaptive_max_pool3d(x, (2, 2, 3)), filled((1, 1, 3, 4, 5)))

# Sizes.
for n, size in ((5, 8), (5, 3), (4, 8), (4, 1), (1, 3), (6, 4)):
    for mode, name in (("nearest", "nearest"), ("nearest-exact", "nearestExact"), ("linear", "linear")):
        case(f"resize of {n} to {size}, {name}", lambda x: F.interpolate(x, size=size, mode=mode), filled((1, 2, n)))
    case(f"resize of {n} to {size}, linear, alignCorners", lambda x: F.interpolate(x, size=size, mode="linear", align_corners=True), filled((1, 2, n)))
case("resize 2d", lambda x: F.interpolate(x, size=(5, 3), mode="bilinear"), filled((1, 2, 3, 4)))
case("resize 2d, alignCorners", lambda x: F.interpolate(x, size=(5, 3), mode="bilinear", align_corners=True), filled((1, 2, 3, 4)))
case("resize 3d", lambda x: F.interpolate(x, size=(3, 1, 5), mode="trilinear"), filled((1, 1, 2, 3, 3)))
case("pixelShuffle", lambda x: F.pixel_shuffle(x, 2), filled((1, 8, 2, 3)))
case("pixelUnshuffle", lambda x: F.pixel_unshuffle(x, 2), filled((1, 2, 4, 6)))

# Activations, of numbers up to 5. The gradient of F.hardsigmoid has a sixth of float32 in float64.
for name, f in (("selu", F.selu), ("relu6", lambda x: F.relu6(2 * x)), ("hardSwish", F.hardswish), ("hardSigmoid", lambda x: F.relu6(x + 3) / 6), ("mish", F.mish)):
    case(name, lambda x: f(5 * x), filled((3, 8)))
case("prelu by channels", F.prelu, filled((2, 3, 4)), filled((3,), 2.0))
case("prelu by one", F.prelu, filled((2, 3, 4)), filled((1,), 2.0))
case("localResponseNorm", lambda x: F.local_response_norm(2 * x, 3, alpha=0.5, beta=0.6, k=1.5), filled((1, 5, 3)))
case("localResponseNorm of 4", lambda x: F.local_response_norm(2 * x, 4, alpha=0.5), filled((1, 5, 3)))

# Losses.
for reduction in ("mean", "sum", "none"):
    case(f"binaryCrossEntropy weighted, {reduction}", lambda x, t: F.binary_cross_entropy_with_logits(3 * x, t.abs(), pos_weight=torch.tensor([0.5, 1.0, 4.0], dtype=f64), reduction=reduction), filled((4, 3)), filled((4, 3), 2.0))
    case(f"tripletMargin, {reduction}", lambda a, b, c: F.triplet_margin_loss(a, b, c, margin=0.7, reduction=reduction), filled((5, 3)), filled((5, 3), 2.0), filled((5, 3), 3.0))
case("tripletMargin swapped, p 1", lambda a, b, c: F.triplet_margin_loss(a, b, c, p=1.0, swap=True, reduction="none"), filled((5, 3)), filled((5, 3), 2.0), filled((5, 3), 3.0))


def nt_xent(a, b):
    n = a.shape[0]
    z = F.normalize(torch.cat([a, b]), dim=1)
    logits = (z @ z.T / 0.5).masked_fill(torch.eye(2 * n, dtype=torch.bool), -math.inf)
    return F.cross_entropy(logits, torch.arange(2 * n).roll(n), reduction="none")


case("ntXent", nt_xent, filled((4, 3)), filled((4, 3), 2.0))
case("infoNce", lambda a, b: F.cross_entropy(F.normalize(a, dim=1) @ F.normalize(b, dim=1).T / 0.1, torch.arange(4), reduction="none"), filled((4, 3)), filled((4, 3), 2.0))
case("contrastive", lambda a, b: torch.tensor([1.0, 0, 0, 1, 0], dtype=f64) * (a - b).square().sum(1) + torch.tensor([0, 1.0, 1, 0, 1], dtype=f64) * F.relu(1 - torch.linalg.vector_norm(a - b, dim=1)).square(), filled((5, 3)), filled((5, 3), 2.0))

# Norms.
mask = torch.tensor([[1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0]], dtype=f64)
for order in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, -1.0, -2.5, math.inf, -math.inf):
    case(f"norm of order {order}", lambda x: torch.linalg.vector_norm(x, order, dim=(0, 2)) + 0 * x.sum(), filled((2, 3, 4)))
    if order != 0 and order > -math.inf:
        case(f"norm of order {order} beside zeros", lambda x: torch.linalg.vector_norm(x * mask, order, dim=1), filled((4, 3)))

# CTC: labels with a repeat, one sequence that is shorter than its time, one without labels, and one that no alignment fits.
labels = torch.tensor([[1, 2, 2], [3, 1, 0], [0, 0, 0], [2, 2, 2]])
steps, lengths = torch.tensor([6, 4, 5, 4]), torch.tensor([3, 2, 0, 3])
for name, rows, zero in (("ctcLoss", 3, False), ("ctcLoss, zeroInfinity", 4, True)):
    case(name, lambda x: F.ctc_loss(torch.log_softmax(2 * x, -1).transpose(0, 1), labels[:rows], steps[:rows], lengths[:rows], reduction="none", zero_infinity=zero), filled((rows, 6, 4)))
case("ctcLoss with the last class as blank", lambda x: F.ctc_loss(torch.log_softmax(2 * x, -1).transpose(0, 1), torch.tensor([[0, 1], [2, 2]]), (5, 5), (2, 2), blank=3, reduction="sum"), filled((2, 5, 4)))
cases["ctcLoss of what does not fit"] = {"shape": [], "value": rounded(F.ctc_loss(torch.log_softmax(filled((1, 4, 4)), -1).transpose(0, 1), torch.tensor([[2, 2, 2]]), (4,), (3,), reduction="sum")), "gradients": []}

json.dump({"about": f"PyTorch {torch.__version__}, by torch-networks.py.", "cases": cases}, sys.stdout, separators=(",", ":"))
