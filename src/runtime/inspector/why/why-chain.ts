import { checksOfDevice } from './checks-of-device'
import { checksOfRecord } from './checks-of-record'
import { checksOfConnection } from './checks-of-connection'
import { checksOfEdit } from './checks-of-edit'
import type { WhyFacts } from './why-facts'

/** `yes`: nothing stands in the way here. `no`: this is why. `open`: it was not asked, because an earlier answer decides. */
export type WhyAnswer = 'yes' | 'no' | 'open'

export interface WhyCheck {
  /** Stays the same, for tests and links. */
  id: string
  question: string
  answer: WhyAnswer
  /** The answer in words. */
  words: string
  /** What to do about a `no`. */
  cure?: string
}

export interface WhyReport {
  /** The answer in one sentence. */
  verdict: string
  /** `synced`: the store has the record as it is here. `waiting`: it will be by itself. `stuck`: somebody has to do something. `local`: it is meant to stay here. */
  outcome: 'synced' | 'waiting' | 'stuck' | 'local' | 'absent'
  checks: WhyCheck[]
}

/** One step of the chain. */
export interface WhyStep {
  id: string
  question: string
  /** Only asked while an edit of the record waits. */
  isOfEdit?: true
  ask: (facts: WhyFacts) => WhyFinding
}

/** `outcome`: what a `no` means for the record. `ends`: a `yes` that is the answer already. */
export type WhyFinding =
  | { answer: 'yes', words: string, ends?: { outcome: WhyReport['outcome'], verdict: string } }
  | { answer: 'no', words: string, cure?: string, outcome: Exclude<WhyReport['outcome'], 'synced'> }

const STEPS: readonly WhyStep[] = [...checksOfDevice, ...checksOfRecord, ...checksOfEdit, ...checksOfConnection]

/**
 * Why a record is not synced: the checks in the order in which the engine makes them. The first `no` decides, and what comes after it is left
 * `open`.
 */
export function explainRecord(facts: WhyFacts): WhyReport {
  const checks: WhyCheck[] = []
  let end: Pick<WhyReport, 'outcome' | 'verdict'> | null = null
  for (const { id, question, isOfEdit, ask } of STEPS) {
    if (end || (isOfEdit && !facts.waiting.length)) {
      checks.push({ id, question, answer: 'open', words: end ? 'Not asked: the answer is above.' : 'Not asked: no edit waits.' })
      continue
    }
    const finding = ask(facts)
    checks.push({ id, question, answer: finding.answer, words: finding.words, ...finding.answer === 'no' && finding.cure ? { cure: finding.cure } : {} })
    if (finding.answer === 'no') end = { outcome: finding.outcome, verdict: finding.words }
    else if (finding.ends) end = finding.ends
  }
  return { ...end ?? lastWord(facts), checks }
}

/** Nothing stands in the way. */
function lastWord({ waiting, conflict }: WhyFacts): Pick<WhyReport, 'outcome' | 'verdict'> {
  if (waiting.length) return { outcome: 'waiting', verdict: 'Nothing is in the way: the edit goes with the next push.' }
  if (!conflict) return { outcome: 'synced', verdict: 'It is synced: the store has it as it is here.' }
  return { outcome: 'synced', verdict: `It is synced. Two edits met: the ${conflict.winner === 'local' ? 'version of this device' : 'version of another device'} won, and the other one is kept under Conflicts.` }
}
