import { findHost, type InspectorBridge, type InspectorWindow } from '#or3-sync/inspector/bridge/inspector-bridge'
import { mayInspect } from '#or3-sync/inspector/bridge/may-inspect'
import { isInspectorPath } from '#or3-sync/inspector/inspector-path'
import { describe, expect, it } from 'vitest'

const bridge: InspectorBridge = { open: () => Promise.reject(new Error('not asked')) }

/** A top window is its own parent. */
function openWindow(parts: Partial<InspectorWindow> = {}): InspectorWindow {
  const opened: InspectorWindow = { parent: null, opener: null, ...parts }
  opened.parent ??= opened
  return opened
}

describe('the host of an inspector', () => {
  it('is the app around the frame, above the frame of DevTools', () => {
    const app = openWindow({ __or3Sync: bridge })
    const devtools = openWindow({ parent: app })
    expect(findHost(openWindow({ parent: devtools }))).toBe(bridge)
  })

  it('is the window that has opened it, or one around that', () => {
    const app = openWindow({ __or3Sync: bridge })
    expect(findHost(openWindow({ opener: app }))).toBe(bridge)
    expect(findHost(openWindow({ opener: openWindow({ parent: app }) }))).toBe(bridge)
  })

  it('is nobody for a page of its own, whatever it has itself', () => {
    expect(findHost(openWindow({ __or3Sync: bridge }))).toBeNull()
  })

  it('is never a window of another origin, which may not be read', () => {
    const foreign = openWindow()
    Object.defineProperty(foreign, '__or3Sync', { get: () => { throw new DOMException('blocked', 'SecurityError') } })
    expect(findHost(openWindow({ parent: foreign, opener: foreign }))).toBeNull()
  })
})

it('who may inspect: the role that is named, and higher ones', () => {
  expect((['owner', 'editor', 'viewer', null] as const).map(role => mayInspect(role, 'editor'))).toEqual([true, true, false, false])
  expect(mayInspect('editor', 'owner')).toBe(false)
  expect(mayInspect('viewer', 'viewer')).toBe(true)
})

it('the page is below the app\'s base URL, and nothing else is', () => {
  expect(isInspectorPath('/__or3-sync', '/')).toBe(true)
  expect(isInspectorPath('/app/__or3-sync/', '/app/')).toBe(true)
  expect(isInspectorPath('/__or3-sync', '/app/')).toBe(false)
  expect(isInspectorPath('/__or3-sync/more', '/')).toBe(false)
})
