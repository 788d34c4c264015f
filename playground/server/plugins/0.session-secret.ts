import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * So that the built demo runs with nothing configured: a secret of its own, kept beside its data, in place before the
 * first cookie is sealed. A real deployment sets NUXT_SESSION_PASSWORD.
 */
export default defineNitroPlugin(() => {
  process.env.NUXT_SESSION_PASSWORD ||= keptSecret(`${dirname(playgroundDbPath())}/session-secret`)
})

function keptSecret(path: string): string {
  mkdirSync(dirname(path), { recursive: true })
  try {
    // `wx` fails where there is one already, also when two servers start together.
    writeFileSync(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 })
  }
  catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  }
  return readFileSync(path, 'utf8')
}
