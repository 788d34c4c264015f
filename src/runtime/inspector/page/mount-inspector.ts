import { createApp } from 'vue'
import type { InspectorBridge } from '../bridge/inspector-bridge'
import { HOST_ID } from './host-id'
import InspectorRoot from './InspectorRoot.vue'
import css from './inspector.css?inline'

/** Shows the inspector on the whole page, in a shadow root: the app's styles and the inspector's do not touch each other. */
export async function mountInspector(bridge: InspectorBridge): Promise<void> {
  const host = document.createElement('div')
  host.id = HOST_ID
  const shadow = host.attachShadow({ mode: 'open' })
  // Not a style element: a page's security policy may forbid those. Every browser that the client supports has this.
  /* eslint-disable baseline-js/use-baseline */
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  shadow.adoptedStyleSheets = [sheet]
  /* eslint-enable baseline-js/use-baseline */
  const root = document.createElement('div')
  shadow.append(root)
  preparePage()
  document.body.append(host)
  const app = createApp(InspectorRoot, { answer: await bridge.open(), bridge })
  app.mount(root)
  // The page that is inspected goes on when this frame or window is closed. It must not go on telling it what changes.
  window.addEventListener('pagehide', () => app.unmount())
}

/** What the app has put into its page so far is not shown. */
function preparePage(): void {
  document.documentElement.lang ||= 'en'
  document.title = 'Sync inspector'
  document.body.replaceChildren()
}
