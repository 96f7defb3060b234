import type { CatalogueEntry, Connection } from '@activepieces/contract'

/** A vendor and its connections. */
export type Card = { readonly vendor: CatalogueEntry; readonly connections: readonly Connection[] }

/** The vendors that a search finds, by their own name or by a connection's, apart by whether they are connected. */
export function cardsOf(
  vendors: readonly CatalogueEntry[],
  connections: readonly Connection[],
  search: string,
): { readonly connected: readonly Card[]; readonly others: readonly CatalogueEntry[] } {
  const words = search.trim().toLowerCase()
  const finds = (texts: readonly string[]) => texts.some((text) => text.toLowerCase().includes(words))
  const cards = vendors.map((vendor) => ({
    vendor,
    all: connections.filter(({ provider }) => provider === vendor.value),
  }))
  const connected = cards.flatMap(({ vendor, all }) => {
    const found = finds([vendor.label, vendor.value]) ? all : all.filter(({ label, slug }) => finds([label, slug]))
    return found.length === 0 ? [] : [{ vendor, connections: found }]
  })
  const others = cards.flatMap(({ vendor, all }) =>
    all.length === 0 && finds([vendor.label, vendor.value]) ? [vendor] : [],
  )
  return { connected, others }
}

/** What the vendor's models can do, each once. */
export function capabilitiesOf({ models }: Pick<CatalogueEntry, 'models'>): string[] {
  return [...new Set(models.flatMap(({ supported }) => supported))]
}
