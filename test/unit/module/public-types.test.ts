import { expect, it } from 'vitest'
import { findHiddenTypes } from '../../support/public-types'

const ENTRIES = [
  'src/module.ts', 'src/runtime/index.ts', 'src/runtime/schema.ts', 'src/runtime/client.ts', 'server/lib/index.ts', 'src/convex/index.ts', 'src/testing/index.ts',
  'src/testing/simulation/index.ts',
]

it('every type that an export names can be imported from the same entry', () => {
  const hidden = findHiddenTypes(ENTRIES)
  expect(Object.keys(hidden)).toEqual(ENTRIES)
  expect(Object.values(hidden).flat()).toEqual([])
}, 60_000)
