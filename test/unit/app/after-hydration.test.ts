import { createRenderer, h, nextTick, shallowReactive, toRefs, type VNode } from 'vue'
import { describe, expect, it } from 'vitest'
import { afterHydration } from '#or3-sync/app/after-hydration'
import { firstStatus } from '#or3-sync/app/page-status'
import { firstSession } from '#or3-sync/app/session-state'

/** Keeps of a page only its text. */
function openPage() {
  const shown: string[] = []
  const insert = () => {}
  const { render } = createRenderer<object, object>({
    insert, remove: insert, patchProp: insert, setText: insert, createComment: () => ({}), createElement: () => ({}), createText: () => ({}),
    setElementText: (_, text) => { shown.push(text) }, parentNode: () => null, nextSibling: () => null,
  })
  return { shown, render: (vnode: VNode) => render(vnode, {}) }
}

/** A component that prints all of it, and what it saw in `setup`. */
function printer(real: { state: string }) {
  let seen = ''
  const component = {
    setup() {
      const status = afterHydration(shallowReactive({ state: 'first' }), real)
      const { state } = toRefs(status)
      seen = `${Object.keys(status).join()} ${status.state} ${state.value}`
      return () => h('p', `${JSON.stringify(status)} ${state.value}`)
    },
  }
  return { component, seen: () => seen }
}

describe('F54: what a component shows', () => {
  it('is the first value while it takes over what the server rendered, then the real one, which it follows', async () => {
    const real = shallowReactive({ state: 'real' })
    const { component, seen } = printer(real)
    const { shown, render } = openPage()
    const vnode = h(component)
    // So Vue marks what it hydrates.
    vnode.el = {}
    render(vnode)
    expect([seen(), shown]).toEqual(['state first first', ['{"state":"first"} first']])
    await nextTick()
    expect(shown[1]).toBe('{"state":"real"} real')
    real.state = 'later'
    await nextTick()
    expect(shown[2]).toBe('{"state":"later"} later')
  })

  it('is the real one at once where nothing was rendered before', () => {
    const { component, seen } = printer(shallowReactive({ state: 'real' }))
    const { shown, render } = openPage()
    render(h(component))
    expect([seen(), shown]).toEqual(['state real real', ['{"state":"real"} real']])
  })

  it('is the real one for code that is no component', () => {
    const real = { state: 'real' }
    expect(afterHydration({ state: 'first' }, real)).toBe(real)
  })

  it('depends on nothing but whether sync is on', () => {
    expect([firstStatus(true), firstStatus(false)]).toMatchObject([{ state: 'connecting', reason: null }, { state: 'disabled', reason: 'switched-off' }])
    expect([firstSession(true).status, firstSession(false).status]).toEqual(['loading', 'unauthenticated'])
  })
})
