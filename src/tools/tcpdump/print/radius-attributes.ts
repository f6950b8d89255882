/** Attributes of RADIUS by number, with the names of their values (print-radius.c of 4.99.3; RFC 2865 … 5580). */

/** How a value is printed; undefined = only its bytes, at -vv. */
export type AttributeKind =
  | 'string'
  | 'number'
  | 'vendor'
  | 'address'
  | 'address6'
  | 'prefix6'
  | 'homePrefix'
  | 'operator'
  | 'place'
  | 'placeData'
  | 'policy'
  | 'time'
  | 'features'
  | 'password'
  | 'arapFeatures'
  | 'challenge'
  | 'cause'
  | undefined;

export interface Attribute {
  readonly name: string;
  readonly kind: AttributeKind;
  /** Names of numbers; a hole where none is assigned. */
  readonly values?: readonly (string | undefined)[];
}

/** Names from 1 on. */
const from1 = (text: string) => [undefined, ...text.split('|')];

const services = from1(
  'Login|Framed|Callback Login|Callback Framed|Outbound|Administrative|NAS Prompt|Authenticate Only|Callback NAS Prompt|' +
    'Call Check|Callback Administrative|Voice|Fax|Modem Relay|IAPP-Register|IAPP-AP-Check|Authorize Only|Framed-Management|' +
    'Additional-Authorization',
);
const portTypes = (
  'Async|Sync|ISDN Sync|ISDN Async V.120|ISDN Async V.110|Virtual|PIAFS|HDLC Clear Channel|X.25|X.75|G.3 Fax|SDSL|ADSL-CAP|' +
  'ADSL-DMT|ISDN-DSL|Ethernet|xDSL|Cable|Wireless - Other|Wireless - IEEE 802.11|Token-Ring|FDDI|Wireless - CDMA200|' +
  'Wireless - UMTS|Wireless - 1X-EV|IAPP|FTTP|Wireless - IEEE 802.16|Wireless - IEEE 802.20|Wireless - IEEE 802.22|PPPoA|' +
  'PPPoEoA|PPPoEoE|PPPoEoVLAN|PPPoEoQinQ|xPON|Wireless - XGP|WiMAX Pre-Release 8 IWK Function|WIMAX-WIFI-IWK|WIMAX-SFF|' +
  'WIMAX-HA-LMA|WIMAX-DHCP|WIMAX-LBS|WIMAX-WVS'
).split('|');
const causes = from1(
  'User Request|Lost Carrier|Lost Service|Idle Timeout|Session Timeout|Admin Reset|Admin Reboot|Port Error|NAS Error|' +
    'NAS Request|NAS Reboot|Port Unneeded|Port Preempted|Port Suspended|Service Unavailable|Callback|User Error|Host Request|' +
    'Supplicant Restart|Reauthentication Failure|Port Reinitialized|Port Administratively Disabled|Lost Power',
);

const valueNames: Readonly<Record<number, readonly (string | undefined)[]>> = {
  6: services,
  7: from1('PPP|SLIP|ARAP|Gandalf proprietary|Xylogics IPX/SLIP|X.75 Synchronous|GPRS PDP Context'),
  10: ['None', 'Send', 'Listen', 'Send&Listen'],
  13: ['None', 'VJ TCP/IP', 'IPX', 'Stac-LZS'],
  15: 'Telnet|Rlogin|TCP Clear|PortMaster(proprietary)|LAT|X.25-PAD|X.25-T3POS|Unassigned|TCP Clear Quiet'.split('|'),
  29: ['Default', 'RADIUS-Request'],
  40: from1(
    'Start|Stop|Interim-Update|Unassigned|Unassigned|Unassigned|Accounting-On|Accounting-Off|Tunnel-Start|Tunnel-Stop|' +
      'Tunnel-Reject|Tunnel-Link-Start|Tunnel-Link-Stop|Tunnel-Link-Reject|Failed',
  ),
  45: from1('RADIUS|Local|Remote|Diameter'),
  49: causes,
  57: from1('Enabled|Disabled'),
  61: portTypes,
  64: from1('PPTP|L2F|L2TP|ATMP|VTP|AH|IP-IP|MIN-IP-IP|ESP|GRE|DVS|IP-in-IP Tunneling|VLAN'),
  65: from1(
    'IPv4|IPv6|NSAP|HDLC|BBN 1822|802|E.163|E.164|F.69|X.121|IPX|Appletalk|Decnet IV|Banyan Vines|E.164 with NSAP subaddress',
  ),
  72: from1('Only access to dfl zone|Use zone filter inc.|Not used|Use zone filter exc.'),
  76: ['No Echo', 'Echo'],
};

/** Names from attribute 1 on. */
const names = (
  'User-Name User-Password CHAP-Password NAS-IP-Address NAS-Port Service-Type Framed-Protocol Framed-IP-Address ' +
  'Framed-IP-Netmask Framed-Routing Filter-Id Framed-MTU Framed-Compression Login-IP-Host Login-Service Login-TCP-Port ' +
  'Unassigned Reply-Message Callback-Number Callback-Id Unassigned Framed-Route Framed-IPX-Network State Class ' +
  'Vendor-Specific Session-Timeout Idle-Timeout Termination-Action Called-Station-Id Calling-Station-Id NAS-Identifier ' +
  'Proxy-State Login-LAT-Service Login-LAT-Node Login-LAT-Group Framed-AppleTalk-Link Framed-AppleTalk-Network ' +
  'Framed-AppleTalk-Zone Acct-Status-Type Acct-Delay-Time Acct-Input-Octets Acct-Output-Octets Acct-Session-Id ' +
  'Acct-Authentic Acct-Session-Time Acct-Input-Packets Acct-Output-Packets Acct-Terminate-Cause Acct-Multi-Session-Id ' +
  'Acct-Link-Count Acct-Input-Gigawords Acct-Output-Gigawords Unassigned Event-Timestamp Egress-VLANID Ingress-Filters ' +
  'Egress-VLAN-Name User-Priority-Table CHAP-Challenge NAS-Port-Type Port-Limit Login-LAT-Port Tunnel-Type ' +
  'Tunnel-Medium-Type Tunnel-Client-Endpoint Tunnel-Server-Endpoint Acct-Tunnel-Connection Tunnel-Password ARAP-Password ' +
  'ARAP-Features ARAP-Zone-Access ARAP-Security ARAP-Security-Data Password-Retry Prompt Connect-Info Configuration-Token ' +
  'EAP-Message Message-Authenticator Tunnel-Private-Group-ID Tunnel-Assignment-ID Tunnel-Preference ' +
  'ARAP-Challenge-Response Acct-Interim-Interval Acct-Tunnel-Packets-Lost NAS-Port-Id Framed-Pool CUI ' +
  'Tunnel-Client-Auth-ID Tunnel-Server-Auth-ID NAS-Filter-Rule Unassigned Originating-Line-Info NAS-IPv6-Address ' +
  'Framed-Interface-ID Framed-IPv6-Prefix Login-IPv6-Host Framed-IPv6-Route Framed-IPv6-Pool Error-Cause EAP-Key-Name ' +
  'Digest-Response Digest-Realm Digest-Nonce Digest-Response-Auth Digest-Nextnonce Digest-Method Digest-URI Digest-Qop ' +
  'Digest-Algorithm Digest-Entity-Body-Hash Digest-CNonce Digest-Nonce-Count Digest-Username Digest-Opaque ' +
  'Digest-Auth-Param Digest-AKA-Auts Digest-Domain Digest-Stale Digest-HA1 SIP-AOR Delegated-IPv6-Prefix ' +
  'MIP6-Feature-Vector MIP6-Home-Link-Prefix Operator-Name Location-Information Location-Data Basic-Location-Policy-Rules'
).split(' ');

/** Attributes that are not strings. */
const kinds: readonly (readonly [AttributeKind, readonly number[]])[] = [
  [undefined, [2, 3, 17, 21, 54, 59, 93, 94, 96, 102]],
  [
    'number',
    [
      5, 6, 7, 10, 12, 13, 15, 16, 23, 27, 28, 29, 37, 38, 40, 41, 42, 43, 45, 46, 47, 48, 49, 51, 52, 53, 56, 57, 61,
      62, 64, 65, 72, 75, 76, 83, 85, 86,
    ],
  ],
  ['address', [4, 8, 9, 14]],
  ['vendor', [26]],
  ['time', [55]],
  ['password', [70]],
  ['arapFeatures', [71]],
  ['challenge', [84]],
  ['address6', [95, 98]],
  ['prefix6', [97, 123]],
  ['cause', [101]],
  ['features', [124]],
  ['homePrefix', [125]],
  ['operator', [126]],
  ['place', [127]],
  ['placeData', [128]],
  ['policy', [129]],
];
const kindOf = new Map(kinds.flatMap(([kind, numbers]) => numbers.map((number) => [number, kind] as const)));

/** From attribute 1 on. */
export const attributes: readonly Attribute[] = names.map((name, i) => {
  const values = valueNames[i + 1];
  const kind = kindOf.has(i + 1) ? kindOf.get(i + 1) : 'string';
  return values === undefined ? {name, kind} : {name, kind, values};
});

export const errorCauses: Readonly<Record<number, string>> = {
  201: 'Residual Session Context Removed',
  202: 'Invalid EAP Packet (Ignored)',
  401: 'Unsupported Attribute',
  402: 'Missing Attribute',
  403: 'NAS Identification Mismatch',
  404: 'Invalid Request',
  405: 'Unsupported Service',
  406: 'Unsupported Extension',
  407: 'Invalid Attribute Value',
  501: 'Administratively Prohibited',
  502: 'Request Not Routable (Proxy)',
  503: 'Session Context Not Found',
  504: 'Session Context Not Removable',
  505: 'Other Proxy Processing Error',
  506: 'Resources Unavailable',
  507: 'Request Initiated',
  508: 'Multiple Session Selection Unsupported',
  509: 'Location Info Required',
};

/** Private enterprise numbers that 4.99.3 knows. */
export const vendors: Readonly<Record<number, string>> = {
  0: 'IETF (reserved)',
  5: 'ACC',
  9: 'Cisco',
  11: 'Hewlett Packard',
  42: 'Sun Microsystems',
  61: 'Merit',
  74: 'AT&T',
  161: 'Motorola',
  166: 'Shiva',
  193: 'Ericsson AB',
  255: 'Cisco VPN 5000',
  307: 'Livingston',
  311: 'Microsoft',
  429: '3Com',
  529: 'Ascend',
  1584: 'Bay Networks',
  1991: 'Foundry',
  2180: 'Versanet',
  2352: 'Redback',
  2636: 'Juniper Networks',
  2637: 'Aptis',
  2937: 'Deutsche Telekom AG',
  3054: 'Ixia Communications',
  3076: 'Cisco VPN 3000',
  3085: 'CoSine Communications',
  3224: 'Netscreen',
  3199: 'Shasta',
  3309: 'Nomadix',
  3414: 'T-Mobile',
  3561: 'The Broadband Forum',
  3902: 'ZTE',
  4329: 'Siemens',
  4491: 'CableLabs',
  4874: 'Unisphere Networks',
  5263: 'Cisco BBSM',
  5535: '3rd Generation Partnership Project 2 (3GPP2)',
  5806: 'SK Telecom',
  5925: 'ipUnplugged',
  5948: 'Issanni Communications',
  5951: 'Netscaler',
  6490: 'T-Mobile',
  6618: 'Quintum',
  6728: 'Interlink',
  7951: 'CNCTC',
  8164: 'Starent Networks',
  8744: 'Colubris',
  10415: '3GPP',
  10529: 'Gemtek-Systems',
  10704: 'Barracuda Networks',
  10923: 'Ericsson AB - Packet Core Networks',
  11665: 'dacom',
  11862: 'Columbia University',
  12356: 'Fortinet',
  12951: 'Verizon Wireless',
  13745: 'Plixer',
  14122: 'Wi-Fi Alliance',
  16787: 'T-Systems Nova',
  20942: 'China Telecom - Guangzhou Research Institute',
  26866: 'Gigamon Systems',
  32622: 'CACE Technologies',
  35632: 'ntop',
  46098: 'Ericsson Canada',
};
