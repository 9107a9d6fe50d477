// Running a command as a person would: its output, and an error that shows it when the command fails.
import { execFile } from 'node:child_process';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx';

/** Without what the package manager that runs the tests tells its scripts: the command stands on its own. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|pnpm_|NODE_ENV$|VITEST)/i.test(name)));
}

/**
 * Answers what the command printed on stdout.
 *
 * @param env what its environment has beside ours
 */
export function run(command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env: { ...cleanEnvironment(), ...env }, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} ${args.join(' ')} failed\n${stdout}\n${stderr}`));
    });
  });
}

export const runNode = (args: readonly string[], cwd: string): Promise<string> => run(process.execPath, args, cwd);
export const runNpm = (args: readonly string[], cwd: string): Promise<string> => run(npm, args, cwd);
export const runNpx = (args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<string> =>
  run(npx, ['--yes', '--prefer-offline', ...args], cwd, env);
export const runPnpm = (args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<string> => runNpx(['pnpm@12', ...args], cwd, env);
