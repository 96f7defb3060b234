/** A route of the contract with its parameters filled in. */
export function pathOf(route: string, parameters: Readonly<Record<string, string>>): string {
  return route.replace(/:(\w+)/g, (_whole, name: string) => encodeURIComponent(parameters[name] ?? ''))
}

/** A route with what asks it: fields that are absent or empty are left out. */
export function withQuery(route: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const set = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  )
  return set.length === 0 ? route : `${route}?${new URLSearchParams(set)}`
}
