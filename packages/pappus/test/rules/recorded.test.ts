// Every recording of what other people's code did, replayed by the table from peers to our calls, on the interpreter and the CPU.
import { recordedDataFiles, recordedFile } from '@pappus/test-support';
import { allowedShare, entryOf, keyOf, peerKeys, type Recorded, replayRecorded, worstDeviation } from '@pappus/test-support/peers';
import { describe, expect, it } from 'vitest';
import { type Backend, cpu, interpreter } from '../../src/index.js';
import { expectFloat32 } from './recorded-float32.js';

const recordings = recordedDataFiles.flatMap((file) => recordedFile(file).trajectories);
const followed = recordings.map((recording, k) => ({ title: `${k}: ${keyOf(recording)} ${recording.name}`, recording }));

/** The share of the change that a run in float64 is off, beside what is allowed. */
async function expectFollowed(recording: Recorded, backend: Backend): Promise<void> {
  const { text, compared } = await replayRecorded(recording, backend, { dtype: 'float64' });
  for (const { what, actual, expected } of compared) {
    const worst = worstDeviation(actual, expected, recording.initial, 'float64');
    expect(worst.excess, `${what} of ${text}: ${JSON.stringify(worst)}`).toBeLessThanOrEqual(allowedShare(recording, 'float64'));
  }
}

// Not by `$title`, which would be cut short, so that no name of a rule finds it.
describe.each(followed.map(({ title, recording }) => [title, recording] as const))('%s', (_, recording) => {
  it('on the interpreter, to 1e-9 of the change', async () => expectFollowed(recording, interpreter()));

  it('on the CPU in float64, to 1e-9 of the change', async () => expectFollowed(recording, await cpu()));

  it('on the CPU in float32, as close to float64 as roundings allow, which another epsilon is not', async () => expectFloat32(recording, await cpu()));
});

describe('the table from peers to our calls', () => {
  const keys = new Set(recordings.map(keyOf));

  it('has an entry for every recorded function', () => {
    expect(recordings.filter((recording) => entryOf(recording) === undefined).map(keyOf)).toEqual([]);
  });

  it('has only entries of which there is a recording', () => {
    // Lasagne's rules are in Dandelion's package, too, and one of them recorded each.
    // Two of Optax's are there for files of others: they were compared with numbers in the tests of their packages.
    const unused = peerKeys.filter((key) => !keys.has(key) && !/^(?:Lasagne|Dandelion) /.test(key) && !['optax sm3', 'optax polyak_sgd'].includes(key));
    expect(unused).toEqual([]);
  });

  it('names what an entry does not understand', async () => {
    const [{ recording } = { recording: undefined }] = followed.filter(({ recording: { peer, options } }) => peer === 'optax' && options['d'] !== undefined);
    if (recording === undefined) throw new Error('there is none');
    const odd = { ...recording, options: { ...recording.options, amsgradient: true } };
    await expect(replayRecorded(odd, interpreter(), { dtype: 'float64' })).rejects.toThrow('the option amsgradient is not understood');
    const { d: _, ...without } = recording.options;
    await expect(replayRecorded({ ...recording, options: without }, interpreter(), { dtype: 'float64' })).rejects.toThrow('the option d is neither given nor among the defaults');
    expect(entryOf({ peer: 'nobody', function: recording.function })).toBeUndefined();
  });

  it('says which call was made, with the options that it was made with', async () => {
    const clip = recordings.find(({ function: name }) => name === 'clip_by_global_norm(d) then sgd(0.1)');
    if (clip === undefined) throw new Error('there is none');
    const { text } = await replayRecorded(clip, interpreter(), { dtype: 'float64' });
    expect(text).toBe(`sgd(clipByGlobalNorm(grads, ${JSON.stringify(clip.options['d'])}, { epsilon: 0 }), params, { learningRate: 0.1 })`);
  });
});
