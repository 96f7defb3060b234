import type { Check } from '../check.ts'
import { ABORT_CHECKS } from './abort.ts'
import { ERROR_CHECKS } from './errors.ts'
import { FAULT_CHECKS } from './faults.ts'
import { MEDIA_CHECKS } from './media.ts'
import { MEDIA_OUT_CHECKS } from './media-out.ts'
import { OBJECT_CHECKS } from './objects.ts'
import { REQUEST_CHECKS } from './request.ts'
import { SEARCH_CHECKS } from './search.ts'
import { STATIC_CHECKS } from './static.ts'
import { TEXT_CHECKS } from './text.ts'
import { TOOL_CHECKS } from './tools.ts'
import { UNSUPPORTED_CHECKS } from './unsupported.ts'
import { USAGE_CHECKS } from './usage.ts'

/** All checks, layer by layer. */
export const CHECKS: readonly Check[] = [
  ...STATIC_CHECKS,
  ...REQUEST_CHECKS,
  ...TEXT_CHECKS,
  ...TOOL_CHECKS,
  ...OBJECT_CHECKS,
  ...MEDIA_CHECKS,
  ...MEDIA_OUT_CHECKS,
  ...SEARCH_CHECKS,
  ...UNSUPPORTED_CHECKS,
  ...USAGE_CHECKS,
  ...ERROR_CHECKS,
  ...ABORT_CHECKS,
  ...FAULT_CHECKS,
]
