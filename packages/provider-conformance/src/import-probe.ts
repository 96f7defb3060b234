import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Side effects of importing a module. */
export type ImportTraces = {
  /** Names of the packages that it loads. */
  readonly packages: readonly string[]
  /** Hosts that it calls. */
  readonly calls: readonly string[]
}

const probed = new Map<string, Promise<ImportTraces>>()

/** Imports a module in a separate process and reports the side effects. Cached per module. */
export function probeImport(module: string): Promise<ImportTraces> {
  const known = probed.get(module) ?? runProbe(module)
  probed.set(module, known)
  return known
}

async function runProbe(module: string): Promise<ImportTraces> {
  const args = ['--input-type=module', '--eval', PROBE, module]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 })
  // SAFETY: the probe prints an object of this type.
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{') + 1)) as ImportTraces
}

const PROBE = `
import { subscribe } from 'node:diagnostics_channel'
import { registerHooks } from 'node:module'
import net from 'node:net'
const packages = new Set()
const calls = []
registerHooks({
  load(url, context, next) {
    const name = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1]
    if (name) packages.add(name)
    return next(url, context)
  },
})
subscribe('undici:request:create', ({ request }) => calls.push(String(request.origin)))
subscribe('net.client.socket', () => calls.push('a socket'))
await import(process.argv[1])
await new Promise((resolve) => setTimeout(resolve, 50))
console.log('\\n' + JSON.stringify({ packages: [...packages], calls }))
process.exit(0)
`
