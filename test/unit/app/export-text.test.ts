import { expect, it } from 'vitest'
import { exportText } from '#or3-sync/app/export-text'
import { encodeRow } from '#or3-sync/shared/sync/rows/encode-row'

const ITEM = { id: 'x', tableName: 'todos', pk: '1', operation: 'put' as const, attempts: 1, createdAt: 5 }

it('an export tags values that JSON lacks as they are tagged when they are sent', () => {
  const row = { id: '1', at: new Date(7), big: 12345678901234567890n, bytes: new Uint8Array([0, 255]), none: NaN, far: -Infinity, list: [new Date(8), { deep: 1n }], text: 'plain' }
  const [read] = JSON.parse(exportText([{ ...ITEM, row }])) as { row: unknown }[]
  expect(read).toEqual({ ...ITEM, row: encodeRow(row).payload })
})

it('an export of a delete has no row', () => {
  expect(JSON.parse(exportText([{ ...ITEM, operation: 'delete', row: undefined }]))).toEqual([{ ...ITEM, operation: 'delete' }])
})
