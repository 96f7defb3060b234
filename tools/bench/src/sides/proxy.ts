// Runs one proxy in its own process: `node proxy.ts ours http://…`, with the vendor's origin.
import { serve } from '../side.ts'
import { PROXIES } from './proxies.ts'

/** URL of a proxy, and the headers to call it with. */
export type ProxyEndpoint = { url: string; headers: Record<string, string> }
/** Memory in use, in bytes. */
export type MemoryUse = { heap: number; rss: number }

const [name = '', vendor = ''] = process.argv.slice(2)
const endpoint = await PROXIES[name]?.(vendor)
if (!endpoint) throw new Error(`There is no proxy "${name}".`)

serve(async ({ task }) => {
  if (task === 'endpoint') return endpoint
  if (task === 'cpu') {
    const { user, system } = process.cpuUsage()
    return user + system
  }
  if (task === 'collect') for (let times = 0; times < 3; times++) await collect()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rss, heap: heapUsed + external } satisfies MemoryUse
})

async function collect(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200))
  globalThis.gc?.()
}
