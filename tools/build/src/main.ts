// `npm run build` in a package.
import { buildPackage } from './build-package.ts'

console.log(`Built: npm pack ${await buildPackage(process.cwd())}`)
