import ipaddr from 'ipaddr.js'

/**
 * Classifies an IP address. `public`: allowed. `private`: this machine, a local network, or a form that wraps another address;
 * allowed if an admin allows the origin. `never`: link-local, cloud metadata and multicast addresses, which may hand out
 * credentials and belong to no vendor.
 *
 * @param address from DNS, a socket or the host of a URL, without brackets; anything else is `never`
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export function addressKind(address: string): 'public' | 'private' | 'never' {
  const [bare = ''] = address.split('%')
  if (!ipaddr.isValid(bare)) return 'never'
  const parsed = ipaddr.parse(bare)
  if ([parsed, ...wrapped(parsed)].some(isNever)) return 'never'
  return isPublic(parsed) ? 'public' : 'private'
}

type Address = ipaddr.IPv4 | ipaddr.IPv6

const NEVER_V4 = [
  '169.254.0.0/16', // link-local: AWS, Azure, Google, DigitalOcean and others answer at 169.254.169.254
  '100.100.100.200/32', // Alibaba
  '168.63.129.16/32', // Azure's platform
  '192.0.0.192/32', // Oracle
  '224.0.0.0/4',
  '255.255.255.255/32',
].map((range) => ipaddr.IPv4.parseCIDR(range))

const NEVER_V6 = [
  'fe80::/10',
  'fd00:ec2::/32', // AWS
  'fd20:ce::254/128', // Google
  'fd00:42::42/128', // Scaleway
  'fd00:c1::a9fe:a9fe/128', // Oracle
  'ff00::/8',
].map((range) => ipaddr.IPv6.parseCIDR(range))

function isNever(address: Address): boolean {
  return address.kind() === 'ipv4'
    ? NEVER_V4.some((range) => address.match(range))
    : NEVER_V6.some((range) => address.match(range))
}

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')
const DOCUMENTATION = ipaddr.IPv6.parseCIDR('3fff::/20')

/** For IPv6, only global unicast is public: other addresses are local, wrapped or unassigned. */
function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false
  return address.kind() === 'ipv4' || (address.match(GLOBAL_UNICAST) && !address.match(DOCUMENTATION))
}

/** The IPv4 addresses that an IPv6 address may contain. */
function wrapped(address: Address): ipaddr.IPv4[] {
  if (address.kind() === 'ipv4') return []
  const bytes = address.toByteArray()
  return WRAPPERS.filter(([range]) => address.match(range)).map(([, unwrap]) => new ipaddr.IPv4(unwrap(bytes)))
}

const last = (bytes: number[]) => bytes.slice(12)

const WRAPPERS = (
  [
    ['::/96', last], // compatible, deprecated
    ['::ffff:0:0/96', last], // mapped
    ['::ffff:0:0:0/96', last], // translated
    ['64:ff9b::/32', last], // NAT64, including its local prefix
    ['2002::/16', (bytes: number[]) => bytes.slice(2, 6)], // 6to4
    ['2001::/32', (bytes: number[]) => last(bytes).map((byte) => byte ^ 0xff)], // Teredo
  ] as const
).map(([range, unwrap]) => [ipaddr.IPv6.parseCIDR(range), unwrap] as const)
