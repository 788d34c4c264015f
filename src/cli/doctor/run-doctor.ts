import { resolve } from 'pathe'
import { findPaths } from '../../setup/paths'
import { examine } from './examine'
import { asJson, asLines, counts } from './print-findings'
import { readEnvFile } from './read-env-file'

export interface DoctorOptions {
  /** The app's root. */
  folder: string
  json: boolean
  /** URL of the built module, or of `src/module.ts`. */
  moduleUrl: string
  print: (text: string) => void
}

/** Runs every check and prints what was found. @returns the exit code */
export async function runDoctor({ folder, json, moduleUrl, print }: DoctorOptions): Promise<number> {
  const rootDir = resolve(folder)
  const file = readEnvFile(rootDir)
  // As `nuxt` does it: what is set already wins. The app's nuxt.config may read these variables.
  for (const [name, value] of Object.entries(file)) process.env[name] ??= value
  const findings = await examine({ rootDir, env: process.env, envFile: file, paths: findPaths(moduleUrl), node: process.version })
  print(json ? asJson(findings) : asLines(findings))
  return counts(findings).errors > 0 ? 1 : 0
}
