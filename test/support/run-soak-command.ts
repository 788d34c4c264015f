import { execFile } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** Runs `npm run soak -- <args>`. `PATH`: where it looks for gcc. */
export function runSoakCommand(args: string[], PATH = process.env.PATH): Promise<{ code: number, output: string }> {
  return new Promise(resolve => execFile(process.execPath, [join(ROOT, 'scripts/soak.ts'), ...args], { env: { ...process.env, PATH } }, (error, stdout, stderr) =>
    resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr })))
}
