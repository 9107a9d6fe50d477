// What an engine is told so that the npm package `webgpu` finds a GPU: the machine's, or the one in software that Chromium brings.
import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { provideVulkan } from '@pappus/test-support/webgpu';

const LOADER = 'libvulkan.so.1';

/** @param directory an empty one, for a link */
export async function gpuEnvironment(directory: string): Promise<Readonly<Record<string, string>>> {
  const complaint = provideVulkan();
  if (complaint !== undefined) throw new Error(complaint);
  // What `provideVulkan` loads, it loads into this process; an engine that is started finds it by its search path.
  const loader = path.join(path.dirname(process.env['VK_DRIVER_FILES'] ?? ''), LOADER);
  if (!existsSync(loader)) return {};
  await mkdir(directory, { recursive: true });
  await symlink(loader, path.join(directory, LOADER));
  return { LD_LIBRARY_PATH: directory };
}
