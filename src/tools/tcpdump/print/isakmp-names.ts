/** Names of IKE: payloads, exchanges, transforms, attributes, notifications (print-isakmp.c). A hole has no name. */

/** `names[value]`, or its number as `#7`. */
export function nameOrNumber(names: readonly string[], value: number): string {
  return names[value] || `#${value}`;
}

const list = (text: string) => text.split(',');

export const payloads = [
  ...list('none,sa,p,t,ke,id,cert,cr,hash,sig,nonce,n,d,vid'),
  ...Array.from({length: 19}, (_, i) => `pay${i + 14}`),
  ...list('v2sa,v2ke,v2IDi,v2IDr,v2cert,v2cr,v2auth,v2nonce,v2n,v2d,v2vid,v2TSi,v2TSr,v2e,v2cp,v2eap'),
];
export const protocols = list(',isakmp,ipsec-ah,ipsec-esp,ipcomp');
export const exchanges = [
  ...list('none,base,ident,auth,agg,inf'),
  ...Array.from({length: 26}, () => ''),
  ...list('oakley-quick,oakley-newgroup,ikev2_init,ikev2_auth,child_sa,inf2'),
];
const groups = list(
  ',modp768,modp1024,EC2N 2^155,EC2N 2^185,modp1536,iana-grp06,iana-grp07,iana-grp08,iana-grp09,iana-grp10,iana-grp11,' +
    'iana-grp12,iana-grp13,modp2048,modp3072,modp4096,modp6144,modp8192',
);
const espAlgorithms = list(',1des-iv64,1des,3des,rc5,idea,cast,blowfish,3idea,1des-iv32,rc4,null,aes');

export interface AttributeName {
  readonly name: string;
  readonly values?: readonly string[];
}
const plain = (text: string): AttributeName[] => list(text).map((name) => ({name}));

/** Of groups only the first 17 are named here, as the count in tcpdump's table is one short. */
const ipsecAttributes: readonly AttributeName[] = [
  {name: ''},
  {name: 'lifetype', values: list(',sec,kb')},
  {name: 'life'},
  {name: 'group desc', values: groups.slice(0, 18)},
  {name: 'enc mode', values: list(',tunnel,transport')},
  {name: 'auth', values: list(',hmac-md5,hmac-sha1,1des-mac,keyed')},
  ...plain('keylen,rounds,dictsize,privalg'),
];
export const oakleyAttributes: readonly AttributeName[] = [
  {name: ''},
  {name: 'enc', values: list(',1des,idea,blowfish,rc5,3des,cast,aes')},
  {name: 'hash', values: list(',md5,sha1,tiger,sha2-256,sha2-384,sha2-512')},
  {name: 'auth', values: list(',preshared,dss,rsa sig,rsa enc,rsa enc revised')},
  {name: 'group desc', values: groups.slice(0, 18)},
  {name: 'group type', values: list(',MODP,ECP,EC2N')},
  ...plain('group prime,group gen1,group gen2,group curve A,group curve B'),
  {name: 'lifetype', values: list(',sec,kb')},
  ...plain('lifeduration,prf,keylen,field,order'),
];

/** How the transforms of a protocol (version 1) or of a type (version 2) are named. */
export interface TransformNames {
  readonly names: readonly string[];
  readonly attributes?: readonly AttributeName[];
}
export const transforms1: Readonly<Record<number, TransformNames>> = {
  1: {names: list(',ike'), attributes: oakleyAttributes},
  2: {names: list(',(reserved),md5,sha,1des,sha2-256,sha2-384,sha2-512'), attributes: ipsecAttributes},
  3: {names: espAlgorithms, attributes: ipsecAttributes},
  4: {names: list(',oui,deflate,lzs'), attributes: ipsecAttributes},
};
export const transformTypes2 = list(',encr,prf,integ,dh,esn');
export const transforms2: Readonly<Record<number, TransformNames>> = {
  1: {names: espAlgorithms, attributes: [...Array.from({length: 14}, () => ({name: ''})), {name: 'keylen'}]},
  2: {names: list(',hmac-md5,hmac-sha,hmac-tiger,aes128_xcbc')},
  3: {names: list(',hmac-md5,hmac-sha,dec-mac,kpdk-md5,aes-xcbc')},
  4: {names: groups},
  5: {names: list('no-esn,esn')},
};
export const keyGroups = groups;
export const identities1 = list(',IPv4,FQDN,user FQDN,IPv4net,IPv6,IPv6net,IPv4range,IPv6range,ASN1 DN,ASN1 GN,keyid');
export const certificates = list('none,pkcs7,pgp,dns,x509sign,x509ke,kerberos,crl,arl,spki,x509attr');
export const notifyErrors = list(
  ',INVALID-PAYLOAD-TYPE,DOI-NOT-SUPPORTED,SITUATION-NOT-SUPPORTED,INVALID-COOKIE,INVALID-MAJOR-VERSION,' +
    'INVALID-MINOR-VERSION,INVALID-EXCHANGE-TYPE,INVALID-FLAGS,INVALID-MESSAGE-ID,INVALID-PROTOCOL-ID,INVALID-SPI,' +
    'INVALID-TRANSFORM-ID,ATTRIBUTES-NOT-SUPPORTED,NO-PROPOSAL-CHOSEN,BAD-PROPOSAL-SYNTAX,PAYLOAD-MALFORMED,' +
    'INVALID-KEY-INFORMATION,INVALID-ID-INFORMATION,INVALID-CERT-ENCODING,INVALID-CERTIFICATE,CERT-TYPE-UNSUPPORTED,' +
    'INVALID-CERT-AUTHORITY,INVALID-HASH-INFORMATION,AUTHENTICATION-FAILED,INVALID-SIGNATURE,ADDRESS-NOTIFICATION,' +
    'NOTIFY-SA-LIFETIME,CERTIFICATE-UNAVAILABLE,UNSUPPORTED-EXCHANGE-TYPE,UNEQUAL-PAYLOAD-LENGTHS',
);
export const notifyStatuses = list('RESPONDER-LIFETIME,REPLAY-STATUS,INITIAL-CONTACT');

/** Version 2: type → name, and whether its SPI is shown. */
export const notifications2: Readonly<Record<number, readonly [string, boolean]>> = {
  1: ['unsupported_critical_payload', false],
  4: ['invalid_ike_spi', true],
  5: ['invalid_major_version', false],
  7: ['invalid_syntax', true],
  9: ['invalid_message_id', true],
  11: ['invalid_spi', true],
  14: ['no_protocol_chosen', true],
  17: ['invalid_ke_payload', true],
  24: ['authentication_failed', true],
  34: ['single_pair_required', true],
  35: ['no_additional_sas', false],
  36: ['internal_address_failure', false],
  37: ['failed:cp_required', false],
  39: ['invalid_selectors', false],
  16384: ['initial_contact', false],
  16385: ['set_window_size', false],
  16386: ['additional_ts_possible', false],
  16387: ['ipcomp_supported', false],
  16388: ['nat_detection_source_ip', true],
  16389: ['nat_detection_destination_ip', true],
  16390: ['cookie', true],
  16391: ['use_transport_mode', false],
  16392: ['http_cert_lookup_supported', false],
  16393: ['rekey_sa', true],
  16394: ['tfc_padding_not_supported', false],
  16395: ['non_first_fragment_also', false],
};
