import type { FillOrder } from '../server-order.ts'
import type { HostileCase } from './hostile-case.ts'
import { lockAgainAndAgain } from './lock-again-and-again.ts'
import { pushElsewhere } from './push-elsewhere.ts'

const BIG: FillOrder = { do: 'fill', workspace: 'big', records: 24_000, length: 2_000 }
const MILLION: FillOrder = { do: 'fill', workspace: 'million', records: 1_000_000, length: 20 }
const TOMBSTONES: FillOrder = { do: 'fill', workspace: 'deleted', records: 300_000, length: 0 }

export const CASES: readonly HostileCase[] = [
  { id: 'none', title: 'nobody else' },
  { id: 'F36', title: 'a viewer reads none of 1,000 streams', fill: BIG, attack: 'unreadStreams' },
  { id: 'F36b', title: 'a viewer reads none of 1,000 replies', fill: BIG, attack: 'unreadReplies' },
  { id: 'F37', title: '1,000 rows a second to 1,000 streams of one user', attack: 'fanOut' },
  { id: 'F37b', title: 'the same, other `tables` for each stream', attack: 'filteredFanOut' },
  { id: 'F38', title: 'exports that nobody reads', fill: BIG, attack: 'unreadExport' },
  { id: 'F39', title: 'another process locks the file, 1.5 s of every 2 s (pushes wait for it)', operate: lockAgainAndAgain },
  { id: 'F40', title: '2,000 bodies that never end, of a user of no workspace', attack: 'strangersBodies' },
  { id: 'F40b', title: 'the same, of a member of another workspace', attack: 'heldBodies' },
  { id: 'F41', title: 'pulls of a table without rows, beside a million', fill: MILLION, attack: 'emptyPulls' },
  { id: 'F41b', title: 'pulls of a table with one row, beside a million', fill: MILLION, attack: 'rarePulls' },
  { id: 'F41c', title: 'full pages, 20 at a time', fill: BIG, attack: 'fullPulls' },
  { id: 'F42', title: 'a batch that replaced 8 MB, repeated', attack: 'repeatedBatch' },
  { id: 'F42b', title: 'small edits of 200 rows of 250 kB', attack: 'replacedRows' },
  { id: 'F43', title: 'rows with 100,000 mistakes', attack: 'hostileRows' },
  { id: 'F43b', title: 'full batches, 4 at a time', attack: 'largeBatches' },
  { id: 'F44', title: 'garbage collection of 300,000 deleted records', fill: TOMBSTONES, operate: ({ server }) => server.tell({ do: 'gc' }) },
  { id: 'F44b', title: 'erasure of a million records', fill: MILLION, operate: ({ server }) => server.tell({ do: 'erase', workspace: 'million' }) },
  { id: 'F45', title: 'another device with each request', attack: 'manyDevices' },
  { id: 'F46', title: '900 quiet streams, while another server commits to the same file', attack: 'quietStreams', operate: pushElsewhere },
]
