/**
 * Names of objects as tcpdump 4.99.3 has them built in: the Internet standard MIB (RFC 1156, RFC 1213), the first enterprises, and
 * SNMPv3's own modules. Each name is followed by its number below its parent, and in parentheses what is below it.
 */
export interface NamedObject {
  readonly name: string;
  readonly below: ReadonlyMap<number, NamedObject>;
}

const NAMES = `
  iso 1 ( org 3 ( dod 6 ( internet 1 ( directory 1 mgmt 2 ( mib 1 ( system 1 ( sysDescr 1 sysObjectID 2 sysUpTime 3
  sysContact 4 sysName 5 sysLocation 6 sysServices 7 ) interfaces 2 ( ifNumber 1 ifTable 2 ( ifEntry 1 ( ifIndex 1
  ifDescr 2 ifType 3 ifMtu 4 ifSpeed 5 ifPhysAddress 6 ifAdminStatus 7 ifOperStatus 8 ifLastChange 9 ifInOctets 10
  ifInUcastPkts 11 ifInNUcastPkts 12 ifInDiscards 13 ifInErrors 14 ifInUnknownProtos 15 ifOutOctets 16 ifOutUcastPkts 17
  ifOutNUcastPkts 18 ifOutDiscards 19 ifOutErrors 20 ifOutQLen 21 ifSpecific 22 ) ) ) at 3 ( atTable 1 ( atEntry 1 (
  atIfIndex 1 atPhysAddress 2 atNetAddress 3 ) ) ) ip 4 ( ipForwarding 1 ipDefaultTTL 2 ipInReceives 3 ipInHdrErrors 4
  ipInAddrErrors 5 ipForwDatagrams 6 ipInUnknownProtos 7 ipInDiscards 8 ipInDelivers 9 ipOutRequests 10 ipOutDiscards 11
  ipOutNoRoutes 12 ipReasmTimeout 13 ipReasmReqds 14 ipReasmOKs 15 ipReasmFails 16 ipFragOKs 17 ipFragFails 18
  ipFragCreates 19 ipAddrTable 20 ( ipAddrEntry 1 ( ipAdEntAddr 1 ipAdEntIfIndex 2 ipAdEntNetMask 3 ipAdEntBcastAddr 4
  ipAdEntReasmMaxSize 5 ) ) ipRoutingTable 21 ( ipRouteEntry 1 ( ipRouteDest 1 ipRouteIfIndex 2 ipRouteMetric1 3
  ipRouteMetric2 4 ipRouteMetric3 5 ipRouteMetric4 6 ipRouteNextHop 7 ipRouteType 8 ipRouteProto 9 ipRouteAge 10
  ipRouteMask 11 ) ) ipNetToMediaTable 22 ( ipNetToMediaEntry 1 ( ipNetToMediaIfIndex 1 ipNetToMediaPhysAddress 2
  ipNetToMediaNetAddress 3 ipNetToMediaType 4 ) ) ) icmp 5 ( icmpInMsgs 1 icmpInErrors 2 icmpInDestUnreachs 3
  icmpInTimeExcds 4 icmpInParmProbs 5 icmpInSrcQuenchs 6 icmpInRedirects 7 icmpInEchos 8 icmpInEchoReps 9
  icmpInTimestamps 10 icmpInTimestampReps 11 icmpInAddrMasks 12 icmpInAddrMaskReps 13 icmpOutMsgs 14 icmpOutErrors 15
  icmpOutDestUnreachs 16 icmpOutTimeExcds 17 icmpOutParmProbs 18 icmpOutSrcQuenchs 19 icmpOutRedirects 20 icmpOutEchos
  21 icmpOutEchoReps 22 icmpOutTimestamps 23 icmpOutTimestampReps 24 icmpOutAddrMasks 25 icmpOutAddrMaskReps 26 ) tcp 6
  ( tcpRtoAlgorithm 1 tcpRtoMin 2 tcpRtoMax 3 tcpMaxConn 4 tcpActiveOpens 5 tcpPassiveOpens 6 tcpAttemptFails 7
  tcpEstabResets 8 tcpCurrEstab 9 tcpInSegs 10 tcpOutSegs 11 tcpRetransSegs 12 tcpConnTable 13 ( tcpConnEntry 1 (
  tcpConnState 1 tcpConnLocalAddress 2 tcpConnLocalPort 3 tcpConnRemAddress 4 tcpConnRemPort 5 ) ) tcpInErrs 14
  tcpOutRsts 15 ) udp 7 ( udpInDatagrams 1 udpNoPorts 2 udpInErrors 3 udpOutDatagrams 4 udpTable 5 ( udpEntry 1 (
  udpLocalAddress 1 udpLocalPort 2 ) ) ) egp 8 ( egpInMsgs 1 egpInErrors 2 egpOutMsgs 3 egpOutErrors 4 egpNeighTable 5 (
  egpNeighEntry 1 ( egpNeighState 1 egpNeighAddr 2 egpNeighAs 3 egpNeighInMsgs 4 egpNeighInErrs 5 egpNeighOutMsgs 6
  egpNeighOutErrs 7 egpNeighInErrMsgs 8 egpNeighOutErrMsgs 9 egpNeighStateUps 10 egpNeighStateDowns 11
  egpNeighIntervalHello 12 egpNeighIntervalPoll 13 egpNeighMode 14 egpNeighEventTrigger 15 ) ) egpAs 6 ) transmission 10
  snmp 11 ( snmpInPkts 1 snmpOutPkts 2 snmpInBadVersions 3 snmpInBadCommunityNames 4 snmpInBadCommunityUses 5
  snmpInASNParseErrs 6 snmpInBadTypes 7 snmpInTooBigs 8 snmpInNoSuchNames 9 snmpInBadValues 10 snmpInReadOnlys 11
  snmpInGenErrs 12 snmpInTotalReqVars 13 snmpInTotalSetVars 14 snmpInGetRequests 15 snmpInGetNexts 16 snmpInSetRequests
  17 snmpInGetResponses 18 snmpInTraps 19 snmpOutTooBigs 20 snmpOutNoSuchNames 21 snmpOutBadValues 22 snmpOutReadOnlys
  23 snmpOutGenErrs 24 snmpOutGetRequests 25 snmpOutGetNexts 26 snmpOutSetRequests 27 snmpOutGetResponses 28
  snmpOutTraps 29 snmpEnableAuthTraps 30 ) ) ) experimental 3 private 4 ( enterprises 1 ( proteon 1 ibm 2 cmu 3 unix 4
  acc 5 twg 6 cayman 7 nysernet 8 cisco 9 nsc 10 hp 11 epilogue 12 utennessee 13 bbn 14 xylogics 15 unisys 16 canstar 17
  wellfleet 18 trw 19 mit 20 eon 21 spartacus 22 excelan 23 spider 24 nsfnet 25 sytek 26 intergraph 27 interlan 28
  vitalink 29 ulana 30 nswc 31 santacruzoperation 32 xyplex 33 cray 34 bellnorthernresearch 35 dec 36 touch 37
  networkresearchcorp 38 baylor 39 nmfeccllnl 40 sri 41 sun 42 3com 43 cmc 44 synoptics 45 cheyenne 46 prime 47 mcnc 48
  chipcom 49 opticaldatasystems 50 gated 51 cabletron 52 apollo 53 desktalksystems 54 ssds 55 castlerock 56 mips 57 tgv
  58 silicongraphics 59 ubc 60 merit 61 fibercom 62 apple 63 gandalf 64 dartmouth 65 davidsystems 66 reuter 67 cornell
  68 tmac 69 locus 70 nasa 71 retix 72 boeing 73 att 74 ungermannbass 75 digitalanalysis 76 hplanman 77 netlabs 78 icl
  79 auspex 80 lannet 81 ncd 82 raycom 83 pirellifocom 84 datability 85 networkappltech 86 link 87 nyu 88 rnd 89
  intercon 90 learningtree 91 webstercomputer 92 frontier 93 nokia 94 allenbradley 95 cern 96 sigma 97 emergingtech 98
  snmpresearch 99 ohiostate 100 ultra 101 ccur 136 ) ) security 5 snmpV2 6 ( snmpModules 3 ( snmpFrameworkMIB 10 (
  snmpFrameworkAdmin 1 snmpFrameworkMIBObjects 2 ( snmpEngine 1 ( snmpEngineID 1 snmpEngineBoots 2 snmpEngineTime 3
  snmpEngineMaxMessageSize 4 ) ) snmpFrameworkMIBConformance 3 ) snmpMPDMIB 11 ( snmpMPDAdmin 1 snmpMPDMIBObjects 2 (
  snmpMPDStats 1 ( snmpUnknownSecurityModels 1 snmpInvalidMsgs 2 snmpUnknownPDUHandlers 3 ) ) snmpMPDMIBConformance 3 (
  snmpMPDMIBCompliances 1 snmpMPDMIBGroups 2 ) ) snmpUsmMIB 15 ( usmMIBObjects 1 ( usmStats 1 (
  usmStatsUnsupportedSecLevels 1 usmStatsNotInTimeWindows 2 usmStatsUnknownUserNames 3 usmStatsUnknownEngineIDs 4
  usmStatsWrongDigests 5 usmStatsDecryptionErrors 6 ) usmUser 2 ( usmUserSpinLock 1 usmUserTable 2 ( usmUserEntry 1 (
  usmUserEngineID 1 usmUserName 2 usmUserSecurityName 3 usmUserCloneFrom 4 usmUserAuthProtocol 5 usmUserAuthKeyChange 6
  usmUserOwnAuthKeyChange 7 usmUserPrivProtocol 8 usmUserPrivKeyChange 9 usmUserOwnPrivKeyChange 10 usmUserPublic 11
  usmUserStorageType 12 usmUserStatus 13 ) ) ) ) usmMIBConformance 2 ( usmMIBCompliances 1 usmMIBGroups 2 ) ) ) ) ) ) )
  )
`;

let tree: ReadonlyMap<number, NamedObject> | undefined;

/** What is at the top, read when it is first asked for. */
export function namedObjects(): ReadonlyMap<number, NamedObject> {
  return (tree ??= read(NAMES.split(/\s+/).filter(Boolean), {at: 0}));
}

/** Reads one level, up to its parenthesis. */
function read(words: readonly string[], position: {at: number}): ReadonlyMap<number, NamedObject> {
  const level = new Map<number, NamedObject>();
  while (position.at < words.length && words[position.at] !== ')') {
    const name = words[position.at++] ?? '';
    const number = Number(words[position.at++]);
    let below: ReadonlyMap<number, NamedObject> = new Map();
    if (words[position.at] === '(') {
      position.at++;
      below = read(words, position);
      position.at++;
    }
    level.set(number, {name, below});
  }
  return level;
}
