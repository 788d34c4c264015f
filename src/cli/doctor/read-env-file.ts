import { readFileSync } from 'node:fs'
import util from 'node:util'
import { join } from 'pathe'

/** The variables in the app's `.env`; none when there is no such file. */
export function readEnvFile(rootDir: string): Record<string, string> {
  // Node before 20.12 does not have it. The doctor has to run there as well.
  try { return util.parseEnv(readFileSync(join(rootDir, '.env'), 'utf8')) as Record<string, string> }
  catch { return {} }
}
