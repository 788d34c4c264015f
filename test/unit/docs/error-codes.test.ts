import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8')
const TYPES = read('src/runtime/shared/sync/protocol/error-codes.ts')
const PAGE = read('docs/troubleshooting.md')

const codesOf = (type: string) => [...TYPES.split(`export type ${type}\n`)[1]!.split('\n\n')[0]!.matchAll(/\| '([A-Z_]+)'/g)].map(([, code]) => code!)
const rowsBelow = (heading: string) => [...PAGE.split(`\n### ${heading}\n`)[1]!.split('\n#')[0]!.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code!)

describe('docs/troubleshooting.md lists the error codes', () => {
  it.each([['WireErrorCode', 'Codes that anybody may say'], ['ClientErrorCode', 'Codes of the client alone']])('%s: below "%s"', (type, heading) => {
    expect(codesOf(type).length).toBeGreaterThan(3)
    expect(rowsBelow(heading)).toEqual(codesOf(type))
  })
})
