"""Computes the polynomial coefficients of src/kernels/elementary-functions.ts, and of the arc tangent in core's
src/operations/inverse-trigonometric.ts: weighted minimax fits by the Remez exchange, in 60 digits.

    pip install mpmath && python3 minimax.py

On an interval beside 0, the fit is repeated after each rounding of a coefficient to the format, lowest first, so that the
later coefficients take up the rounding of the earlier ones. Prints the coefficients, lowest power first, and log2 of the weighted error.
"""
import struct
from mpmath import mp, mpf, matrix, lu_solve, exp, log, sin, cos, sqrt, erfc, pi

mp.dps = 60


def to_single(x):
    return mpf(struct.unpack('f', struct.pack('f', float(x)))[0])


def to_double(x):
    return mpf(float(x))


def remez(target, weight, a, b, powers, points=1500):
    """Minimises max |weight(x) (target(x) - sum c_j x^powers_j)| over [a, b]."""
    n = len(powers)
    grid = [(a + b) / 2 - (b - a) / 2 * cos(pi * (mpf(i) + mpf(1) / 2) / points) for i in range(points)]
    values = [target(x) for x in grid]
    weights = [weight(x) for x in grid]
    reference = [round((points - 1) * i / n) for i in range(n + 1)]
    for _ in range(40):
        system = matrix(n + 1, n + 1)
        right = matrix(n + 1, 1)
        for row, i in enumerate(reference):
            for column, power in enumerate(powers):
                system[row, column] = grid[i] ** power
            system[row, n] = (-1) ** row / weights[i]
            right[row] = values[i]
        solution = lu_solve(system, right)
        coefficients = [solution[j] for j in range(n)]
        errors = []
        for x, value, w in zip(grid, values, weights):
            total = mpf(0)
            for c, power in zip(coefficients, powers):
                total += c * x ** power
            errors.append(w * (value - total))
        # the extremum of each run of one sign
        extrema, start = [], 0
        for i in range(1, points + 1):
            if i == points or (errors[i] > 0) != (errors[start] > 0):
                extrema.append(max(range(start, i), key=lambda j: abs(errors[j])))
                start = i
        while len(extrema) > n + 1:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        if len(extrema) < n + 1:
            break
        largest = max(abs(errors[i]) for i in extrema)
        converged = largest - abs(solution[n]) < mpf('0.01') * largest
        reference = extrema
        if converged:
            break
    return coefficients, max(abs(e) for e in errors)


def fit(name, target, weight, a, b, degree, rounding):
    a, b = mpf(a), mpf(b)
    fixed = []
    for lowest in range(degree + 1):
        remainder = lambda x: target(x) - sum(c * x ** j for j, c in enumerate(fixed))
        if lowest > 0 and a < 0:  # x, x^2, ... are no Chebyshev system on an interval around 0
            coefficients = coefficients[1:]
        else:
            coefficients, error = remez(remainder, weight, a, b, range(lowest, degree + 1), 600 if lowest else 1200)
        if lowest == 0:
            ideal = error
        fixed.append(rounding(coefficients[0]))
    worst = max(
        abs(weight(x) * (target(x) - sum(c * x ** j for j, c in enumerate(fixed))))
        for x in [a + (b - a) * i / 997 for i in range(998)]
    )
    print(f'{name}: degree {degree}, error 2^{float(log(ideal, 2)):.1f}, rounded 2^{float(log(worst, 2)):.1f}')
    for c in fixed:
        print(f'  {float(c)!r},')


def power_series(coefficient, terms=60):
    coefficients = [coefficient(n) for n in range(terms)]
    return lambda x: mp.polyval(coefficients[::-1], x)


factorial = mp.factorial
# (e^r - 1 - r) / r^2, weighted so that e^r and e^r - 1 both keep their relative error
exponential = power_series(lambda n: 1 / factorial(n + 2))
# (log((1 + s) / (1 - s)) - 2 s) / s^3 in z = s^2
logarithm = power_series(lambda n: mpf(2) / (2 * n + 3), 120)
# ((atanh(s) / s - 1) / z - 1/3) / z in z = s^2
power_tail = power_series(lambda n: mpf(1) / (2 * n + 5), 120)
# (sin r - r) / r^3 and (cos r - 1 + z / 2) / z^2 in z = r^2
sine = power_series(lambda n: (-1) ** (n + 1) / factorial(2 * n + 3))
cosine = power_series(lambda n: (-1) ** n / factorial(2 * n + 4))
# erf(x) / x - 1 in z = x^2
error_function = power_series(lambda n: 2 / sqrt(pi) * (-1) ** n / (factorial(n) * (2 * n + 1)) - (1 if n == 0 else 0), 100)
# (atan(q) / q - 1) / z in z = q^2
arc_tangent = power_series(lambda n: mpf((-1) ** (n + 1)) / (2 * n + 3), 120)
half_ln2 = log(2) / 2 * mpf('1.001')
largest_z = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * mpf('1.001')
quarter_turn = (pi / 4) ** 2 * mpf('1.002')
eighth_slope = (sqrt(2) - 1) ** 2 * mpf('1.001')


def scaled_erfc(center):
    """e^(x^2) erfc(x) in t = 1 / (x + center)."""
    return lambda t: exp((1 / t - center) ** 2) * erfc(1 / t - center)


def tail_weight(center):
    return lambda t: exp(-((1 / t - center) ** 2))


if __name__ == '__main__':
    import sys
    which = sys.argv[1:]
    jobs = [
        ('exp float32', exponential, lambda r: abs(r) + mpf('1e-3'), -half_ln2, half_ln2, 4, to_single),
        ('exp float64', exponential, lambda r: abs(r) + mpf('1e-3'), -half_ln2, half_ln2, 9, to_double),
        ('log float32', logarithm, lambda z: z, '1e-9', largest_z, 3, to_single),
        ('log float64', logarithm, lambda z: z, '1e-9', largest_z, 6, to_double),
        ('pow tail', power_tail, lambda z: z * z, '1e-9', largest_z, 7, to_double),
        ('sin float32', sine, lambda z: z, '1e-9', quarter_turn, 2, to_single),
        ('cos float32', cosine, lambda z: z * z, '1e-9', quarter_turn, 2, to_single),
        ('sin float64', sine, lambda z: z, '1e-9', quarter_turn, 5, to_double),
        ('cos float64', cosine, lambda z: z * z, '1e-9', quarter_turn, 5, to_double),
        ('atan float32', arc_tangent, lambda z: z, '1e-9', eighth_slope, 3, to_single),
        ('atan float64', arc_tangent, lambda z: z, '1e-9', eighth_slope, 9, to_double),
        ('erf small float32', error_function, lambda z: mpf(1), '1e-9', '1.001', 6, to_single),
        ('erf small float64', error_function, lambda z: mpf(1), '1e-9', '1.001', 11, to_double),
    ]
    for degree, rounding, label, top in [(5, to_single, 'float32', 4), (11, to_double, 'float64', 6)]:
        center = mpf(2)
        jobs.append((f'erf tail {label}', scaled_erfc(center), tail_weight(center),
                     1 / (top + center), 1 / (mpf('0.999') + center), degree, rounding))
    for job in jobs:
        if not which or any(w in job[0] for w in which):
            fit(*job)
