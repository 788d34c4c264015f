/** For each state: the events that it reacts to -> the state that each leads to. */
export type Transitions = Record<string, Record<string, string>>

export type StateName<T extends Transitions> = keyof T & string

/** For each state: the data that it has beside its name. */
export type StateData<T extends Transitions> = Record<StateName<T>, object>

/** Every event that some state reacts to. */
export type EventName<T extends Transitions> = { [S in keyof T]: keyof T[S] }[keyof T] & string

/** The states to which an event can lead. */
type Target<T extends Transitions, E extends string> = { [S in keyof T]: E extends keyof T[S] ? T[S][E] : never }[keyof T]

/** A state: its name and its data. */
export type State<T extends Transitions, D extends StateData<T>> = { [S in StateName<T>]: { readonly name: S } & D[S] }[StateName<T>]

/** Holds one state, and changes it only as the table says. */
export class StateMachine<T extends Transitions, D extends StateData<T>> {
  #state: State<T, D>

  constructor(private readonly table: T, initial: State<T, D>) {
    this.#state = initial
  }

  get state(): State<T, D> {
    return this.#state
  }

  is(name: StateName<T>): boolean {
    return this.#state.name === name
  }

  /**
   * Goes to the state that the event leads to, with `data` as that state's data. An event that the state does not react to changes nothing.
   *
   * @returns whether the state reacted.
   */
  go<E extends EventName<T>>(event: E, data: D[Target<T, E> & StateName<T>]): boolean {
    const name = this.table[this.#state.name]?.[event]
    if (name === undefined) return false
    this.#state = Object.assign(data, { name }) as State<T, D>
    return true
  }
}
