// A core that is older than the compiler of this backend is refused where the backend is made.
import { afterAll, expect, it, vi } from 'vitest';

vi.resetModules();
vi.doMock('../../compiler/src/version.js', () => ({ VERSION: '9.1.0', CORE_VERSION: '9.2.0' }));
const { webgpu } = await import('../src/index.js');
const { BackendError } = await import('@pappus/core');
const { VERSION } = await import('@pappus/core/backend');
vi.doUnmock('../../compiler/src/version.js');
afterAll(() => vi.resetModules());

it('is refused by an error that names both versions and what to update', async () => {
  await expect(webgpu()).rejects.toThrow(new BackendError(`@pappus/compiler 9.1.0 was made for @pappus/core 9.2.0, and ${VERSION} is installed; update @pappus/core`));
});
