/** A schedule as a drawing: the text of an SVG with axes, numbers and a curve. */
import { checkOptions, evaluate, type Expr, InputError, literal, option, type OptionTest, scalar, scan, show } from '@pappus/core';
import { rateOf, type Schedule } from './arguments.js';
import { decimals, logarithmicTicks, type Tick, ticksOf } from './ticks.js';

/** Options of `scheduleSvg`. */
export interface ScheduleSvgOptions {
  /** The last count that is drawn, above `from`. Required. */
  readonly steps: number;
  /** The first count that is drawn. Default 0; a rule's `t` begins at 1. */
  readonly from?: number;
  /** Whether the values have a logarithmic axis; values that are not above 0 leave a gap. Default false. */
  readonly logarithmic?: boolean;
  /** A heading. Default: none. */
  readonly title?: string;
  /** The width in CSS pixels, from 160 to 10,000. Default 640. */
  readonly width?: number;
  /** The height in CSS pixels, from 120 to 10,000. Default 320. */
  readonly height?: number;
}

const pixels = (least: number): OptionTest => ({ wanted: `a number of pixels from ${least} to 10000`, takes: (value) => typeof value === 'number' && value >= least && value <= 10_000 });
/** Blue, orange, green, pink, sky, vermilion: Okabe and Ito's colours, which colour-blind people tell apart, the dark ones first. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'] as const;
const MOST_POINTS = 800;
/** Numbers beyond it may be too far apart for a difference. */
const LARGEST = 1e300;
const within: OptionTest = { wanted: `a number from -${LARGEST} to ${LARGEST}`, takes: (value) => typeof value === 'number' && Math.abs(value) <= LARGEST };
/** What XML has no place for: control characters, halves of pairs, and two that are none. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

interface Curve {
  readonly label: string;
  readonly values: readonly number[];
}

/** A rectangle of pixels, and the ranges that it shows. */
interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: (count: number) => number;
  readonly y: (value: number) => number;
}

/**
 * Draws one schedule, or several by name: the text of an SVG document with the count to the right and the value upwards. The schedule is evaluated in
 * float64 at up to 800 counts, at whole ones where the range holds more.
 *
 * @returns a promise, since values of variables in the schedule are read
 * @throws {InputError|OptimizerError} for options that do not fit, a schedule that is no function or answers no scalar, or values that are not finite or beyond 1e300
 * @example await writeFile('rate.svg', await scheduleSvg((t) => warmupCosine(t, { peak: 3e-4, warmup: 500, steps: 20_000 }), { steps: 20_000 }));
 */
export async function scheduleSvg(schedules: Schedule | Readonly<Record<string, Schedule>>, options: ScheduleSvgOptions): Promise<string> {
  const name = 'scheduleSvg';
  const table = { steps: within, from: within, logarithmic: option.flag, title: option.text, width: pixels(160), height: pixels(120) };
  const { steps, from = 0, logarithmic = false, title, width = 640, height = 320 } = checkOptions(name, options, table);
  if (steps === undefined) throw new InputError(`${name}: the option steps is required; give the last count that is drawn`);
  if (steps <= from) throw new InputError(`${name}: steps must be above from, ${from}, not ${steps}`);
  const counts = countsOf(from, steps);
  const curves = await Promise.all(named(name, schedules).map(async ([label, schedule]) => ({ label, values: await valuesOf(name, label, schedule, counts) })));

  const shown = curves.flatMap(({ values }) => values).filter((value) => !logarithmic || value > 0);
  if (shown.length === 0) throw new InputError(`${name}: no value is above 0, and a logarithmic axis has no other`);
  const yTicks = logarithmic ? logarithmicTicks(extent(shown)) : ticksOf(extent([0, ...shown]), Math.max(2, Math.round(height / 60)));
  const xTicks = ticksOf([from, steps], Math.max(2, Math.round(width / 110)), false);
  const widest = Math.max(...yTicks.map(({ label }) => label.length));
  const [left, top] = [16 + 7 * widest, title === undefined ? 16 : 40];
  const [right, bottom] = [width - 24, height - (curves.length > 1 ? 58 : 36)];
  const scale = logarithmic ? Math.log10 : (value: number): number => value;
  const [low, high] = extent(yTicks.map(({ value }) => scale(value)));
  const plot: Plot = {
    left, right, top, bottom,
    x: (count) => left + ((count - from) / (steps - from)) * (right - left),
    y: (value) => bottom - ((scale(value) - low) / (high - low)) * (bottom - top),
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="12" fill="#333">`,
    `<title>${escape(title ?? curves.map(({ label }) => label).join(', '))}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...(title === undefined ? [] : [`<text x="${left}" y="24" font-size="14" font-weight="600">${escape(title)}</text>`]),
    ...axes(plot, xTicks, yTicks),
    ...curves.map((curve, k) => `<path d="${pathOf(plot, counts, curve.values, logarithmic)}" fill="none" stroke="${colour(k)}" stroke-width="2" stroke-linejoin="round"/>`),
    ...(curves.length > 1 ? legend(curves, plot, height) : []),
    '</svg>',
    '',
  ].join('\n');
}

function named(name: string, schedules: unknown): readonly (readonly [string, Schedule])[] {
  if (isSchedule(schedules)) return [['schedule', schedules]];
  const wrong = (given: unknown): InputError => new InputError(`${name}: takes a function of the count, as in (t) => cosineDecay(t, { ... }), or several by name, not ${show(given)}`);
  if (typeof schedules !== 'object' || schedules === null) throw wrong(schedules);
  const pairs = fieldsOf(name, schedules).map(([label, schedule]): readonly [string, Schedule] => {
    if (!isSchedule(schedule)) throw wrong(schedule);
    return [label, schedule];
  });
  if (pairs.length === 0) throw wrong(schedules);
  return pairs;
}

function fieldsOf(name: string, value: object): readonly (readonly [string, unknown])[] {
  try {
    return Object.entries(value);
  } catch (error) {
    throw new InputError(`${name}: the schedules could not be read`, { cause: error });
  }
}

function isSchedule(value: unknown): value is Schedule {
  return typeof value === 'function';
}

/** Up to so many counts, ends included: whole ones, if the ends are and there are more of them. */
function countsOf(from: number, to: number): readonly number[] {
  const whole = Number.isSafeInteger(from) && Number.isSafeInteger(to);
  const points = MOST_POINTS;
  const parts = whole && to - from < points ? to - from : points;
  return Array.from({ length: parts + 1 }, (_, k) => {
    const count = from + ((to - from) * k) / parts;
    return whole ? Math.round(count) : count;
  });
}

async function valuesOf(name: string, label: string, schedule: Schedule, counts: readonly number[]): Promise<readonly number[]> {
  // One loop over the counts: an evaluation for each would look at the whole of a table before it begins.
  const step = (carry: Expr, t: Expr): { carry: Expr; outputs: Expr } => ({ carry, outputs: rateOf(name, label, schedule(t)) });
  const { outputs } = scan(step, { carry: scalar(0, 'float64'), inputs: literal(counts, [counts.length], 'float64') });
  const values = Array.from((await evaluate(outputs)).data);
  for (const [k, at] of values.entries()) {
    if (!(Math.abs(at) <= LARGEST)) throw new InputError(`${name}: the value of ${label} at the count ${counts[k]} is ${at}, and cannot be drawn`);
  }
  return values;
}

function extent(values: readonly number[]): readonly [number, number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function axes({ left, right, top, bottom, x, y }: Plot, xTicks: readonly Tick[], yTicks: readonly Tick[]): readonly string[] {
  return [
    ...yTicks.map(({ value, label }) => `<path d="M${left} ${place(y(value))}H${right}" stroke="#ddd"/><text x="${left - 8}" y="${place(y(value) + 4)}" text-anchor="end">${label}</text>`),
    ...xTicks.map(({ value, label }) => `<path d="M${place(x(value))} ${bottom}v5" stroke="#333"/><text x="${place(x(value))}" y="${bottom + 20}" text-anchor="middle">${label}</text>`),
    `<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="#333"/>`,
  ];
}

function pathOf({ x, y }: Plot, counts: readonly number[], values: readonly number[], logarithmic: boolean): string {
  let pen = 'M';
  return values.map((value, k) => {
    if (logarithmic && value <= 0) {
      pen = 'M';
      return '';
    }
    const command = `${pen}${place(x(counts[k] ?? NaN))} ${place(y(value))}`;
    pen = 'L';
    return command;
  }).join('');
}

function legend(curves: readonly Curve[], { left, right }: Plot, height: number): readonly string[] {
  const column = (right - left) / curves.length;
  return curves.map(({ label }, k) => {
    const [x, y] = [left + k * column, height - 14];
    return `<path d="M${place(x)} ${y - 4}h18" stroke="${colour(k)}" stroke-width="2"/><text x="${place(x + 24)}" y="${y}">${escape(label)}</text>`;
  });
}

function colour(k: number): string {
  return COLOURS[k % COLOURS.length] ?? COLOURS[0];
}

/** A position, to a hundredth of a pixel. */
function place(position: number): string {
  return decimals(position, 2);
}

function escape(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
