import type { SyncRole } from '../../shared/sync/protocol/types'
import type { InspectorSource } from '../source/inspector-source'

/** What the inspector gets from a page: its source, or the role that is needed for it. */
export type InspectorAnswer = { kind: 'source', source: InspectorSource } | { kind: 'refused', role: SyncRole }

/** A page with the inspector switched on puts this on its `window`, so that an inspector in a frame or a window of its own finds it. */
export interface InspectorBridge {
  /** Asks again at each call: the user may have signed in as somebody else. */
  open: () => Promise<InspectorAnswer>
}

declare global {
  interface Window {
    /** The sync inspector's way into this page. Only there in development, and where the option `inspector` is set. */
    __or3Sync?: InspectorBridge
  }
}

/** The part of `Window` that is looked at here. */
export interface InspectorWindow {
  parent: InspectorWindow | null
  opener: InspectorWindow | null
  __or3Sync?: InspectorBridge
}

/**
 * The page around this one whose sync is to be inspected: the nearest frame above it, or the window that has opened it. Null: there is none, so
 * this page inspects itself.
 */
export function findHost(own: InspectorWindow): InspectorBridge | null {
  for (const start of [own, own.opener]) {
    for (let frame = start; frame; frame = outer(frame)) {
      const bridge = frame === own ? undefined : bridgeOf(frame)
      if (bridge) return bridge
    }
  }
  return null
}

function outer(frame: InspectorWindow): InspectorWindow | null {
  // The top window is its own parent.
  try { return frame.parent === frame ? null : frame.parent }
  catch { return null }
}

/** Another origin's window may not be read. */
function bridgeOf(frame: InspectorWindow): InspectorBridge | undefined {
  try { return frame.__or3Sync }
  catch { return undefined }
}
