import { families, ruleNames, type RuleRow, rules } from '@pappus/rule-table';
import { parseHTML } from 'linkedom';
import { compile, cpu, evaluate, grad, sgd, variable } from 'pappus';
import { beforeAll, describe, expect, it } from 'vitest';

import { classicsSvg, surfaceSvg, type Paths } from '../../src/gallery/draw.js';
import { placed } from '../../src/gallery/layout.js';
import { line } from '../../src/gallery/marks.js';
import { descend, movesMatrices } from '../../src/gallery/path.js';
import { surfaces } from '../../src/gallery/surfaces.js';
import { optimizers } from '../../src/optimizers.js';

describe.each(Object.entries(surfaces))('%s', (_name, surface) => {
  const lossAt = (x: number, y: number) => {
    const [a, b] = [variable(x, { dtype: 'float64' }), variable(y, { dtype: 'float64' })];
    return { loss: surface.loss(a, b), position: [a, b] as const };
  };

  it('is the same as an expression and on numbers', async () => {
    for (const [x, y] of [[0.3, -0.7], [-1.5, 1.25], [2, 0.5]] as const) {
      const { data } = await evaluate(lossAt(x, y).loss);
      expect(data[0]).toBeCloseTo(surface.height(x, y), 10);
    }
  });

  it('has its minima where they are marked: the value 0, and no slope', async () => {
    for (const { x, y } of surface.minima) {
      expect(surface.height(x, y)).toBe(0);
      const { loss, position } = lossAt(x, y);
      for (const slope of grad(loss, position)) expect(Math.abs((await evaluate(slope)).data[0] ?? NaN)).toBeLessThan(1e-12);
    }
  });

  it('shows its start and its minima', () => {
    const [low, high] = surface.view;
    for (const { x, y } of [surface.start, ...surface.minima]) {
      expect(x > low.x && x < high.x && y > low.y && y < high.y).toBe(true);
    }
  });
});

describe('descend', () => {
  it('goes from the start, step by step', async () => {
    const { start, height, loss, steps } = surfaces.saddle;
    const path = await descend(surfaces.saddle, sgd, 0.1, await cpu());
    expect(path).toHaveLength(steps + 1);
    expect(path[0]).toEqual(start);
    const [x, y] = [variable(start.x, { dtype: 'float64' }), variable(start.y, { dtype: 'float64' })];
    const step = await compile({ outputs: { loss: loss(x, y) }, updates: sgd(loss(x, y), [x, y], { learningRate: 0.1 }) }, await cpu());
    expect(await (await step()).loss.item()).toBeCloseTo(height(start.x, start.y), 12);
    expect(path[1]).toEqual({ x: await x.item(), y: await y.item() });
  });

  it('takes the same way as a column', async () => {
    const backend = await cpu();
    expect(await descend(surfaces.saddle, sgd, 0.1, backend, true)).toEqual(await descend(surfaces.saddle, sgd, 0.1, backend));
  });
});

describe('placed', () => {
  it('puts families beside one another where they fit, and goes on below', () => {
    const [a, b, c, d] = placed([{ title: 'a', names: ['a1', 'a2'] }, { title: 'b', names: ['b1'] }, { title: 'c', names: ['c1', 'c2', 'c3', 'c4'] }, { title: 'd', names: ['d1'] }], 3);
    expect(a?.heading).toEqual({ column: 0, row: 0, columns: 2 });
    expect(b?.heading).toEqual({ column: 2, row: 0, columns: 1 });
    expect([...(c?.places ?? [])]).toEqual([['c1', { column: 0, row: 1 }], ['c2', { column: 1, row: 1 }], ['c3', { column: 2, row: 1 }], ['c4', { column: 0, row: 2 }]]);
    expect(d?.heading).toEqual({ column: 1, row: 2, columns: 1 });
  });
});

describe('line', () => {
  it('draws once what a path goes over again and again', () => {
    expect(line([[0, 0], [4, 0], [0, 0], [4, 0], [4.4, 0.3], [4, 6]], 2)).toBe('M0,0L4,0L4,6');
  });
});

describe('surfaceSvg', () => {
  const surface = surfaces.saddle;
  let paths: Paths;
  let svg: string;
  beforeAll(async () => {
    const backend = await cpu();
    const drawn = await Promise.all(
      ruleNames.map(async (name) => [name, await descend(surface, optimizers[name], rules[name].gallery.learningRates[surface.name], backend, movesMatrices(name))] as const),
    );
    paths = new Map(drawn);
    svg = surfaceSvg(surface, paths);
  });

  it('draws every rule by itself in its colour, and the classics large, too', () => {
    const { document } = parseHTML(svg);
    const large = classicsSvg(surface, paths);
    for (const name of ruleNames) {
      const row: RuleRow = rules[name];
      const { classic = false, colour } = row.gallery;
      expect(document.querySelector(`path#${name}`)?.getAttribute('d')).toMatch(/^M-?\d+,-?\d+/);
      const uses = [...document.querySelectorAll(`use[href="#${name}"]`)].map((use) => use.getAttribute('stroke'));
      expect(uses, name).toEqual(classic ? ['#ffffff', colour, '#ffffff', colour] : ['#ffffff', colour]);
      expect(large.includes(`<path id="${name}"`), name).toBe(classic);
    }
  });

  it('has a heading for each family', () => {
    const words = [...svg.matchAll(/font-size="14" font-weight="bold">([^<]+)</g)].map(([, text]) => text).join(' ');
    for (const { title } of Object.values(families)) expect(words).toContain(title);
  });

  it('holds no number that is none, and is small', () => {
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svg.length).toBeLessThan(200_000);
    expect(classicsSvg(surface, paths).length).toBeLessThan(60_000);
  });

  it('is the same each time', () => {
    expect(surfaceSvg(surface, paths)).toBe(svg);
  });
});
