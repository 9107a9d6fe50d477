// Replays a recording by what the table says of its function.
import { type Backend, compile, type Expr, type InputValue, Updates } from 'pappus';
import { parseCall, type Value } from '../../schedules/call-text.js';
import type { PeerValue, Recorded, Tensors } from '../recorded-file.js';
import { textOf } from './call.js';
import type { Answer, Entry } from './entry.js';
import { type Base, Given, type GivenOptions } from './given.js';
import { NoRuleError, PeerOptionError } from './options.js';
import { entryOf, keyOf, optionsOf } from './table.js';

/** The rule that a wrapper goes over, of a text such as `torch SGD(lr=0.05, momentum=0.9)`. */
function baseOf(text: string): Base {
  const [, call = ''] = /^torch (.*)$/.exec(text) ?? [];
  const misread = (): PeerOptionError => new PeerOptionError(`the base ${text} is not understood`);
  if (call === '') throw misread();
  const { name, positional, keywords } = parseCall(call);
  if (positional.length > 0) throw misread();
  const valueOf = (value: Value): PeerValue => {
    if (typeof value !== 'object' || value === null) return value;
    if (value.kind === 'text') return value.text;
    if (value.kind === 'list') return value.entries.map(valueOf);
    throw misread();
  };
  const options = Object.fromEntries(keywords.map(([option, value]) => [option, valueOf(value)]));
  const recorded = { peer: 'torch.optim', function: name, options, defaults: {} };
  const entry = entryOf(recorded);
  if (entry === undefined || !('rule' in entry)) throw new NoRuleError(`the base ${text} has no rule`);
  const read = optionsOf(recorded, entry);
  const rule = entry.rule(read);
  read.checkRead();
  return { name, options, rule };
}

/** What a replayed recording did. */
export interface Replayed {
  /** The call that was made, as one writes it. */
  readonly text: string;
  /** What was compared, and with what. */
  readonly compared: readonly { readonly what: 'parameters' | 'evaluation' | 'average'; readonly actual: readonly Tensors[]; readonly expected: readonly Tensors[] }[];
}

/**
 * Runs our call along a recording.
 *
 * @throws {NoRuleError} if the table has no entry for its function, or for its base
 * @throws {PeerOptionError} if it has an option that its entry does not understand
 */
export async function replayRecorded(recording: Recorded, backend: Backend, options: GivenOptions): Promise<Replayed> {
  const entry = entryOf(recording);
  if (entry === undefined) throw new NoRuleError(keyOf(recording));
  const given = new Given(recording, options, recording.base === undefined ? undefined : baseOf(recording.base));
  const { updates, evaluated, average, params = given.params } = answerOf(entry, recording, given);
  const { expected, expectedEval, expectedAverage } = recording;
  const compared = [
    { what: 'parameters', exprs: params, expected },
    { what: 'evaluation', exprs: evaluated, expected: expectedEval },
    { what: 'average', exprs: average, expected: expectedAverage },
  ] as const;
  const found = compared.flatMap(({ what, exprs, expected: wanted }) => {
    if (wanted === undefined) return [];
    if (exprs === undefined) throw new Error(`the entry of ${keyOf(recording)} does not say what its ${what} is, and the recording has one`);
    const actual: Tensors[] = [];
    return [{ what, exprs, expected: wanted, actual }];
  });
  const inputs = Object.fromEntries([...given.inputs].map(([name, { expr }]) => [name, expr]));
  const step = await compile({ inputs, updates }, backend);
  const reads = await Promise.all(found.map(({ exprs }) => readerOf(exprs, backend)));
  for (let t = 0; t < expected.length; t++) {
    await step(Object.fromEntries([...given.inputs].map(([name, { at }]): [string, InputValue] => [name, at(t)])));
    for (const [k, { actual }] of found.entries()) actual.push((await reads[k]?.()) ?? []);
  }
  return { text: textOf(updates), compared: found };
}

function answerOf(entry: Entry, recording: Recorded, given: Given): Answer {
  const options = optionsOf(recording, entry);
  const answer = 'rule' in entry ? entry.rule(options)(given.grads, given.params) : entry.replay(options, given);
  options.repeating(given.base?.options ?? {});
  options.checkRead();
  return answer instanceof Updates ? { updates: answer } : answer;
}

/** Reads expressions over variables as they are now. */
async function readerOf(exprs: readonly Expr[], backend: Backend): Promise<() => Promise<Tensors>> {
  const outputs = Object.fromEntries(exprs.map((expr, k) => [`y${k}`, expr]));
  const read = await compile({ outputs }, backend);
  return async () => {
    const values = await read();
    return Promise.all(exprs.map(async (_, k) => Array.from((await values[`y${k}`]?.read()) ?? [])));
  };
}
