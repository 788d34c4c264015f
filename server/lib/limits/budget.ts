import { Allowance } from './allowance'
import type { AllowanceWait } from './allowance'

export interface BudgetLimits {
  /** Held for one user at a time. */
  perUser: number
  /** Held for all users together. */
  total: number
  /** How many requests of one user may wait. Default: any number. */
  line?: number
}

export interface Holding {
  /** Sets the amount that is held, with or without room, because it is already there. `inAll`: how much of it counts for all users. Default: all of it. */
  resize(amount: number, inAll?: number): void
  /** Gives it back. Calling it again does nothing. */
  release(): void
}

export type BudgetAnswer =
  | { status: 'held', holding: Holding }
  /** The wait ended before there was room. `for`: whose limit was reached. */
  | { status: 'full', for: 'user' | 'all' }

/** Limits what is held for each user and for all users together: bytes, or pieces of work. */
export class Budget {
  readonly #users = new Map<string, Allowance>()
  readonly #all: Allowance

  constructor(private readonly limits: BudgetLimits) {
    this.#all = new Allowance(limits.total)
  }

  /** Held now, for all users. */
  get held(): number {
    return this.#all.held
  }

  /** How many users hold something or wait. */
  get users(): number {
    return this.#users.size
  }

  async take(userId: string, amount: number, wait: AllowanceWait = {}): Promise<BudgetAnswer> {
    const user = this.#allowanceOf(userId)
    if (user.waiting >= (this.limits.line ?? Infinity) || !await user.take(amount, wait)) return this.#full(userId, user, 'user')
    if (await this.#all.take(amount, wait)) return { status: 'held', holding: this.#hold(userId, user, amount) }
    user.give(amount)
    return this.#full(userId, user, 'all')
  }

  /** Counts an amount for all users that belongs to no single user. @returns what gives it back; call it once */
  share(amount: number): () => void {
    this.#all.add(amount)
    return () => this.#all.give(amount)
  }

  #hold(userId: string, user: Allowance, amount: number): Holding {
    let [own, inAll] = [amount, amount]
    const resize = (newOwn: number, newInAll = newOwn) => {
      const [ownChange, allChange] = [newOwn - own, newInAll - inAll]
      ;[own, inAll] = [newOwn, newInAll]
      user.give(-ownChange)
      this.#all.give(-allChange)
    }
    return {
      resize,
      release: () => {
        resize(0)
        this.#forgetIdle(userId, user)
      },
    }
  }

  #full(userId: string, user: Allowance, whose: 'user' | 'all'): BudgetAnswer {
    this.#forgetIdle(userId, user)
    return { status: 'full', for: whose }
  }

  #allowanceOf(userId: string): Allowance {
    let user = this.#users.get(userId)
    if (!user) this.#users.set(userId, user = new Allowance(this.limits.perUser))
    return user
  }

  #forgetIdle(userId: string, user: Allowance): void {
    if (user.isIdle && this.#users.get(userId) === user) this.#users.delete(userId)
  }
}
