import { CONVEX } from './convex.ts'
import { DIVERGES } from './diverges.ts'
import { LOSES_DATA } from './loses-data.ts'
import type { Mutant } from './mutant.ts'
import { SECURITY } from './security.ts'
import { SLOW } from './slow.ts'
import { STALLS } from './stalls.ts'
import { TABS_AND_WALKS } from './tabs-and-walks.ts'

/** Every bug that is put back, by kind. */
export const MUTANTS: readonly Mutant[] = [...LOSES_DATA, ...DIVERGES, ...STALLS, ...SECURITY, ...SLOW, ...CONVEX, ...TABS_AND_WALKS]
