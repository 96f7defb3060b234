// One proxy in its own process: `node proxy.ts ours http://…` with the vendor's origin.
import { serve } from '../side.ts'
import { PROXIES } from './proxies.ts'

/** Where it is called, and with which headers. */
export type Door = { url: string; headers: Record<string, string> }
/** Bytes. */
export type Used = { heap: number; rss: number }

const [name = '', vendor = ''] = process.argv.slice(2)
const door = await PROXIES[name]?.(vendor)
if (!door) throw new Error(`There is no proxy "${name}".`)

serve(async ({ task }) => {
  if (task === 'door') return door
  if (task === 'cpu') {
    const { user, system } = process.cpuUsage()
    return user + system
  }
  if (task === 'collect') for (let times = 0; times < 3; times++) await collect()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rss, heap: heapUsed + external } satisfies Used
})

async function collect(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200))
  globalThis.gc?.()
}
