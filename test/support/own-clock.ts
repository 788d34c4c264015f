import type { BrowserContext, Page } from 'playwright-core'

const NAME = '__clockOffset'

/** Gives a window a wall clock of its own, `offset` ms ahead of the real one, from its first script on. Timers keep their pace. */
export async function withOwnClock(context: BrowserContext, offset: number): Promise<void> {
  await context.addInitScript(({ name, ms }) => {
    const state = window as unknown as Record<string, number>
    state[name] = ms
    const RealDate = Date
    const now = () => RealDate.now() + state[name]!
    window.Date = new Proxy(RealDate, {
      construct: (target, args: [], newTarget) => Reflect.construct(target, args.length ? args : [now()], newTarget) as Date,
      apply: target => new target(now()).toString(),
      get: (target, key, receiver) => key === 'now' ? now : Reflect.get(target, key, receiver) as unknown,
    })
  }, { name: NAME, ms: offset })
}

/** Sets the clock of a tab of such a window, as a user or the system does. */
export async function setClock(page: Page, offset: number): Promise<void> {
  await page.evaluate(({ name, ms }) => { (window as unknown as Record<string, number>)[name] = ms }, { name: NAME, ms: offset })
}
