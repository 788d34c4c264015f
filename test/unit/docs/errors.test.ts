import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { errorsPage } from '../../../scripts/errors-docs/errors-page'
import { anchorOf, docsLink } from '#or3-sync/shared/sync/errors/docs-link'
import { ERROR_LIST, findError } from '#or3-sync/shared/sync/errors/error-list'
import type { ErrorSource } from '#or3-sync/shared/sync/errors/error-entry'
import { messageWithLink, startError } from '#or3-sync/shared/sync/errors/start-error'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const listed = (...sources: ErrorSource[]) => ERROR_LIST.filter(({ source }) => sources.includes(source))

/** The members of a union of words, as its file declares them. */
function wordsOf(file: string, type: string): string[] {
  const union = read(file).split(`export type ${type}\n`)[1]!.split('\n\n')[0]!
  return [...union.matchAll(/\| '([\w-]+)'/g)].map(([, word]) => word!)
}

/** Where the module and the server say that something is wrong with the configuration, the store or the session. */
const SPEAKERS = ['src/setup', 'src/runtime/shared/sync/settings', 'server/nitro', 'server/plugins', 'server/lib/backends', 'server/lib/tokens', 'server/lib/session', 'server/lib/context']
/** What they say of other things: of a running store, of listeners, and to whoever calls `createSyncGateway` with wrong arguments. */
const OTHER = /^(?:started|stopping|a listener of |the gateway has not been started|the socket by which|the user id "|createSyncGateway needs|the store does not answer|the rate limiter does not answer|the Convex URL is "|…$)/

/** Every line with the package's name in front that these files can say, with `…` for what varies. */
function spoken(): string[] {
  const files = SPEAKERS.flatMap(folder => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts')).map(name => `${folder}/${name}`))
  return files.flatMap((file) => {
    const source = read(file)
    return [...source.matchAll(/(['`])\[or3-sync\] |startError\('[\w-]+', (['`])|oneLine\('[\w-]+', (['`])|useLogger\('or3-sync'\)\.\w+\((?:withLink\()?(['`])/g)]
      .map(({ 0: found, index, 1: a, 2: b, 3: c, 4: d }) => literalAt(source, index + found.length, (a ?? b ?? c ?? d)!))
  }).filter(line => !OTHER.test(line))
}

/** The text of a literal that goes on here, up to its quote. */
function literalAt(source: string, start: number, quote: string): string {
  let text = ''
  for (let at = start; source[at] !== quote; at++) {
    if (quote === '`' && source.startsWith('${', at)) {
      let depth = 0
      do depth += source[at] === '{' ? 1 : source[at] === '}' ? -1 : 0
      while (source[at++] !== '}' || depth > 0)
      at--
      text += '…'
    }
    else text += source[at] === '\\' ? source[++at] : source[at]
  }
  return text
}

describe('the list of errors', () => {
  it('is what docs/errors.md says; else run `npm run docs:errors`', () => {
    expect(read('docs/errors.md')).toBe(errorsPage())
  })

  it.each([
    ['wire', 'src/runtime/shared/sync/protocol/error-codes.ts', 'WireErrorCode'],
    ['client', 'src/runtime/shared/sync/protocol/error-codes.ts', 'ClientErrorCode'],
    ['reason', 'src/runtime/shared/sync/protocol/sync-reason.ts', 'SyncReason'],
  ] as const)('has every %s of %s', (source, file, type) => {
    const words = wordsOf(file, type)
    expect(words.length).toBeGreaterThan(5)
    expect(listed(source).map(({ code }) => code)).toEqual(words)
  })

  it('has every line that the module or the server can say of the configuration, and no other', () => {
    const lines = listed('build', 'start').flatMap(({ messages = [] }) => messages)
    expect([...new Set(spoken())].sort()).toEqual([...lines].sort())
  })

  it('says of each a cause and a fix, in sentences', () => {
    for (const { code, cause, fix } of ERROR_LIST) for (const text of [cause, fix]) expect(text, code).toMatch(/^[A-Z`].*\.$/)
  })

  it('has one heading for each code, so that its link leads there', () => {
    const anchors = [...errorsPage().matchAll(/^### `([\w-]+)`$/gm)].map(([, code]) => anchorOf(code!))
    expect(anchors).toEqual(ERROR_LIST.map(({ code }) => anchorOf(code)))
    expect(new Set(anchors).size).toBe(anchors.length)
    expect(docsLink('READ_ONLY')).toBe('node_modules/or3-sync/docs/errors.md#read_only')
  })

  it('is packed where the link says', () => {
    expect((JSON.parse(read('package.json')) as { files: string[] }).files).toContain('docs/*.md')
  })

  it('is found by code', () => {
    expect(findError('barred')).toMatchObject({ source: 'reason' })
    expect(findError('bared')).toBeUndefined()
  })
})

describe('an error that stops the start', () => {
  it('is one line with the package in front, and in development a link behind', () => {
    const error = startError('schema-not-found', 'x is not there', { cause: 1 })
    expect(error).toMatchObject({ message: '[or3-sync] x is not there', code: 'schema-not-found', cause: 1 })
    expect(messageWithLink(error)).toBe('[or3-sync] x is not there (node_modules/or3-sync/docs/errors.md#schema-not-found)')
    expect(Object.keys(error), 'Node would print them').toEqual([])
  })

  it('of another kind is left as it is', () => {
    expect([messageWithLink(new Error('disk')), messageWithLink('text')]).toEqual(['disk', 'text'])
  })
})
