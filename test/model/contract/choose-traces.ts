import type { World } from './contract-state'
import { CONTRACT_RULES } from './rules'
import type { SmallCase } from './small-contract-case'
import { transitionClass } from './transition-class'
import { transitions, type Action, type Transition } from './transitions'

/** A trace ends after so many steps, apart from those that lead to rest. */
const MOST_STEPS = 60

/** Chooses traces of the model by chance, step by step. Transitions of classes that were seldom taken are preferred. Every trace ends at rest. */
export class TraceChooser {
  /** How often each class of transitions was taken. */
  readonly taken = new Map<string, number>()
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** The next action of a trace that has had `done` steps. Null: the trace is over. */
  next(world: World, done: number, small: SmallCase): Action | null {
    const found = [...transitions(world, small, CONTRACT_RULES)]
    const open = done < MOST_STEPS ? found : found.filter(({ settles }) => settles).slice(0, 1)
    return open.length ? this.#pick(world, open).action : null
  }

  /** This world has followed. */
  note(before: World, action: Action, after: World): void {
    const name = transitionClass(before, action, after)
    this.taken.set(name, (this.taken.get(name) ?? 0) + 1)
  }

  #pick(world: World, found: readonly Transition[]): Transition {
    const weights = found.map(({ action, next }) => 1 / (1 + (this.taken.get(transitionClass(world, action, next)) ?? 0)))
    let left = this.#random() * weights.reduce((sum, weight) => sum + weight, 0)
    return found.find((_, index) => (left -= weights[index]!) < 0) ?? found.at(-1)!
  }

  /** mulberry32 (public domain, Tommy Ettinger). From 0 up to, and without, 1. */
  #random(): number {
    this.#state = (this.#state + 0x6D2B79F5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
