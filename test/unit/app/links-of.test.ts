import { expect, it } from 'vitest'
import { linksOf } from '#or3-sync/app/links-of'
import { SyncError } from '#or3-sync/shared/sync/protocol/errors'

it('a line of the console links to the docs of each error in it that has a code', () => {
  expect(linksOf(['text', new Error('of something else'), new SyncError('NOT_FOUND', 'no such provider')])).toEqual(['node_modules/or3-sync/docs/errors.md#not_found'])
})
