import { ANSWERS_THAT_NEVER_COME } from './answers-that-never-come.ts'
import { PROVIDERS_OF_APPS } from './providers-of-apps.ts'
import { APP_HOOKS } from './app-hooks.ts'
import { BOTH_SIDES } from './both-sides.ts'
import { BUDGET_MUTANTS } from './budgets.ts'
import { CHANGED_HOOK } from './changed-hook.ts'
import { CONVEX } from './convex.ts'
import { DATABASES_AND_LIFE } from './databases-and-life.ts'
import { DIVERGES } from './diverges.ts'
import { EDITS_IN_DOUBT } from './edits-in-doubt.ts'
import { EXCLUSION_ENDS } from './exclusion-ends.ts'
import { FACE } from './face.ts'
import { FORGED_STAMPS, HANGING_APP } from './forged-stamps.ts'
import { GROWING_RECORDS } from './growing-records.ts'
import { HISTORY_CHECKS } from './history-checks.ts'
import { INSPECTOR } from './inspector.ts'
import { KEPT_HERE } from './kept-here.ts'
import { LOSES_DATA } from './loses-data.ts'
import { LOCAL_AND_LINKS } from './local-and-links.ts'
import { MESSAGES } from './messages.ts'
import type { Mutant } from './mutant.ts'
import { NETWORK } from './network.ts'
import { OUTBOX_MUTANTS } from './outbox.ts'
import { PAGE_QUERIES } from './page-queries.ts'
import { PLAYGROUND } from './playground.ts'
import { REPLACED_AND_COPIED } from './replaced-and-copied.ts'
import { REPLIES } from './replies.ts'
import { ROW_STATES } from './row-states.ts'
import { ROWS_AND_SCHEMAS } from './rows-and-schemas.ts'
import { SECURITY } from './security.ts'
import { SERVER_WRITES } from './server-writes.ts'
import { SESSIONS } from './sessions.ts'
import { SIM_COVERAGE } from './sim-coverage.ts'
import { SLOW } from './slow.ts'
import { STALLS } from './stalls.ts'
import { STORE_FILES } from './store-files.ts'
import { TABS_AND_WALKS } from './tabs-and-walks.ts'
import { UPGRADES } from './upgrades.ts'
import { VALUES } from './values.ts'
import { WHOLE_TRANSACTIONS } from './whole-transactions.ts'
import { WHOLE_BATCHES } from './whole-batches.ts'

/** All mutants, by kind. */
export const MUTANTS: readonly Mutant[] = [
  ...APP_HOOKS,
  ...BOTH_SIDES,
  ...BUDGET_MUTANTS,
  ...CHANGED_HOOK,
  ...CONVEX,
  ...DATABASES_AND_LIFE,
  ...DIVERGES,
  ...EDITS_IN_DOUBT,
  ...FACE,
  ...INSPECTOR,
  ...KEPT_HERE,
  ...LOSES_DATA,
  ...MESSAGES,
  ...NETWORK,
  ...OUTBOX_MUTANTS,
  ...PLAYGROUND,
  ...REPLACED_AND_COPIED,
  ...SECURITY,
  ...SERVER_WRITES,
  ...SESSIONS,
  ...SIM_COVERAGE,
  ...SLOW,
  ...STALLS,
  ...TABS_AND_WALKS,
  ...UPGRADES,
  ...VALUES,
  ...REPLIES,
  ...ROWS_AND_SCHEMAS,
  ...ROW_STATES,
  ...FORGED_STAMPS,
  ...EXCLUSION_ENDS,
  ...LOCAL_AND_LINKS,
  ...HANGING_APP,
  ...STORE_FILES,
  ...ANSWERS_THAT_NEVER_COME,
  ...PROVIDERS_OF_APPS,
  ...HISTORY_CHECKS,
  ...WHOLE_TRANSACTIONS,
  ...WHOLE_BATCHES,
  ...GROWING_RECORDS,
  ...PAGE_QUERIES,
]
