import type { Attack } from '../attack.ts'
import { fanOut } from './fan-out.ts'
import { fullPulls } from './full-pulls.ts'
import { heldBodies } from './held-bodies.ts'
import { hostileRows } from './hostile-rows.ts'
import { largeBatches } from './large-batches.ts'
import { manyDevices } from './many-devices.ts'
import { quietStreams } from './quiet-streams.ts'
import { rarePulls } from './rare-pulls.ts'
import { repeatedBatch } from './repeated-batch.ts'
import { replacedRows } from './replaced-rows.ts'
import { unreadExport } from './unread-export.ts'
import { unreadReplies } from './unread-replies.ts'
import { unreadStreams } from './unread-streams.ts'

/** Attacks by the name that `attacker.ts` is given. */
export const ATTACKS = {
  unreadStreams,
  unreadReplies,
  fanOut: fanOut(false),
  filteredFanOut: fanOut(true),
  unreadExport,
  strangersBodies: heldBodies('stranger'),
  heldBodies: heldBodies('elsewhere.mallory'),
  emptyPulls: rarePulls(0),
  rarePulls: rarePulls(1),
  fullPulls,
  repeatedBatch,
  hostileRows,
  largeBatches,
  replacedRows,
  manyDevices,
  quietStreams,
} as const satisfies Record<string, Attack>

export type AttackName = keyof typeof ATTACKS
