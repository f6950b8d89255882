/** What `GET /healthz`, the health daemon and the modules' health table would answer: one value behind all forms of `status`. */

export interface StateMessage {
  readonly state: string;
  readonly msg: string;
}

export interface AgentStatus {
  readonly kvstore: StateMessage;
  readonly kubernetes: StateMessage & {readonly apis: readonly string[]};
  readonly kubeProxyReplacement: {
    readonly mode: 'True' | 'False';
    /** Selected devices and all their addresses, as text. */
    readonly devices: readonly {readonly name: string; readonly ips: readonly string[]}[];
    readonly directRoutingDevice: string;
    readonly features: KprFeatures;
  };
  readonly hostFirewall: 'Enabled' | 'Disabled';
  readonly srv6: {readonly enabled: boolean; readonly encapMode: string};
  readonly cniChaining: string;
  readonly cniFile: StateMessage;
  readonly cilium: StateMessage;
  readonly nodeMonitor: {readonly cpus: number; readonly pages: number; readonly pageSize: number};
  readonly healthDaemon: StateMessage;
  readonly ipam: {
    readonly status: string;
    /** Address → owner. */
    readonly allocations: readonly (readonly [ip: string, owner: string])[];
    readonly ipv4: readonly string[] | undefined;
    readonly ipv6: readonly string[] | undefined;
  };
  readonly bigTcp4: BigTcp;
  readonly bigTcp6: BigTcp;
  readonly bandwidthManager: {readonly enabled: boolean; readonly congestionControl: 'bbr' | 'cubic'};
  readonly routing: {
    readonly network: 'Tunnel' | 'Native';
    readonly host: 'BPF' | 'Legacy';
    readonly tunnelProtocol: 'geneve' | 'vxlan';
  };
  readonly attachMode: 'tcx' | 'tc';
  readonly deviceMode: string;
  readonly configuredDeviceMode: string;
  readonly masquerading: {
    readonly mode: 'BPF' | 'iptables';
    readonly ipMasqAgent: boolean;
    readonly ipv4: boolean;
    readonly ipv6: boolean;
    /** Prefixes that are not masqueraded; '' = none for the family. */
    readonly exclusion4: string;
    readonly exclusion6: string;
  };
  readonly controllers: readonly Controller[];
  readonly proxy: {readonly ip: string; readonly envoy: 'external' | 'embedded'} | undefined;
  readonly identityRange: {readonly min: number; readonly max: number};
  readonly hubble:
    | {readonly seen: number; readonly max: number; readonly uptime: number; readonly metrics: boolean}
    | undefined;
  readonly bpfMaps: {
    readonly ratio: number;
    readonly maps: readonly (readonly [name: string, size: number])[];
  };
  readonly health: Health | undefined;
  readonly modules: readonly Module[];
  /** ns since 1970: every age counts from here. */
  readonly now: bigint;
}

export interface BigTcp {
  readonly enabled: boolean;
  /** Bytes, for both GSO and GRO. */
  readonly max: number;
}

export interface KprFeatures {
  readonly socketLb: boolean;
  readonly hostnsOnly: boolean;
  /** undefined without kube-proxy replacement. */
  readonly nodePort:
    | {
        readonly mode: 'SNAT' | 'DSR' | 'Hybrid';
        readonly dsrMode: 'Geneve' | 'IPIP' | 'IP Option/Extension';
        readonly algorithm: 'Random' | 'Maglev';
        readonly tableSize: number;
        readonly acceleration: string;
        readonly min: number;
        readonly max: number;
      }
    | undefined;
  /** Service annotations in force, sorted. */
  readonly annotations: readonly string[];
}

export interface Controller {
  readonly name: string;
  /** ns since its last success. */
  readonly age: number;
}

export interface Health {
  /** RFC 3339, seconds. */
  readonly timestamp: string;
  /** ns. */
  readonly probeInterval: number;
  /** The local node first, then by name. */
  readonly nodes: readonly HealthNode[];
}

export interface HealthNode {
  readonly name: string;
  readonly local: boolean;
  readonly reachable: boolean;
  /** Primary address first. */
  readonly hostIps: readonly string[];
  readonly endpointIps: readonly string[];
}

/** One reporter: path of names, level, and how long ago it reported. */
export interface Module {
  readonly path: readonly string[];
  readonly level: 'OK' | 'Stopped' | 'Degraded';
  readonly message: string;
  readonly age: number;
}
