import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Lets the built demo run without any configuration: makes a session secret and keeps it beside the demo's data. It runs before the first
 * cookie is sealed. A real deployment sets NUXT_SESSION_PASSWORD instead.
 */
export default defineNitroPlugin(() => {
  process.env.NUXT_SESSION_PASSWORD ||= keptSecret(`${dirname(playgroundDbPath())}/session-secret`)
})

function keptSecret(path: string): string {
  mkdirSync(dirname(path), { recursive: true })
  try {
    // `wx` fails if the file exists, so two servers that start together use the same secret.
    writeFileSync(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 })
  }
  catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  }
  return readFileSync(path, 'utf8')
}
