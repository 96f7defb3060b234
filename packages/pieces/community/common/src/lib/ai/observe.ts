// For observers of traffic between a piece and a vendor, such as the proxy.
export { errorFromResponse, REQUEST_ID_HEADERS } from './errors/read.ts'
export type { AIOperation } from './protocols/shared/observer.ts'
export { loadPrices, type PriceTable } from './runtime/cost.ts'
export { FINISH_REASON_FIELDS, modelInPath, operationOf, readCost, readUsage, usageIn } from './runtime/observe.ts'
