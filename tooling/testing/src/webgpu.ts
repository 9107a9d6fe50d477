// WebGPU for tests in Node: a GPU's driver where there is one, else the SwiftShader that Chromium brings, which is installed where that can be done.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where distributions put Chromium with its parts. */
const DIRECTORIES = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome', '/usr/lib64/chromium-browser'];
const DRIVER = 'vk_swiftshader_icd.json';
const LOADER = 'libvulkan.so.1';

/** Loading stays though it ends with an error, since the library is no module of Node; what is loaded is then found by name. */
const RTLD_NOW = 0x2;
const RTLD_NODELETE = 0x1000;

function findDriver(): string | undefined {
  return DIRECTORIES.find((directory) => existsSync(path.join(directory, DRIVER)));
}

/** Has Dawn find a driver: the machine's own if VK_DRIVER_FILES is set, else SwiftShader. Answers what is wrong if there is none. */
export function provideVulkan(): string | undefined {
  if (process.env['VK_DRIVER_FILES'] !== undefined) return undefined;
  let failure = '';
  if (findDriver() === undefined) {
    const installer = fileURLToPath(new URL('../../browser/install-chromium.sh', import.meta.url));
    try {
      execFileSync('bash', [installer], { stdio: 'pipe' });
    } catch (error) {
      failure = String(error);
    }
  }
  const directory = findDriver();
  if (directory === undefined) return `no Vulkan driver: VK_DRIVER_FILES names none, and there is no Chromium with SwiftShader (Debian: apt-get install chromium) ${failure}`.trim();
  process.env['VK_DRIVER_FILES'] = process.env['VK_ICD_FILENAMES'] = path.join(directory, DRIVER);
  process.env['XDG_RUNTIME_DIR'] ??= tmpdir();
  const loader = path.join(directory, LOADER);
  if (existsSync(loader)) {
    try {
      process.dlopen({ exports: {} }, loader, RTLD_NOW | RTLD_NODELETE);
    } catch {
      // As expected.
    }
  }
  return undefined;
}

/**
 * Whether tests on WebGPU can run.
 *
 * @returns false if there is no driver, or PAPPUS_WEBGPU is `off`, as it is in the quick run; `skipped` is then named on the console as what did not run
 * @throws if there is none and CI is true
 */
export function adapterOrComplaint(skipped: string): boolean {
  if (process.env['PAPPUS_WEBGPU'] === 'off') {
    console.info(`Without WebGPU, these tests do not run: ${skipped}`);
    return false;
  }
  const complaint = provideVulkan();
  if (complaint === undefined) return true;
  const message = `No WebGPU adapter was found, so these tests cannot run: ${skipped}.\n${complaint}`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`\n!!! TESTS DID NOT RUN !!!\n${message}`);
  return false;
}
