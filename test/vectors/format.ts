/** The vector files: measured inputs and results of Cilium's programs, as JSON. */

export interface Vector {
  readonly id: string;
  readonly desc: string;
  readonly node: string;
  readonly program: string;
  readonly in_hex: string;
  readonly in_mark?: string;
  readonly out_hex: string;
  readonly out_mark?: string;
  readonly out_cb?: readonly number[];
  readonly ret: number;
  readonly ret_name: string;
  readonly events: readonly VectorEvent[];
  readonly map_changes: readonly MapChange[];
  readonly prandom_calls: number;
  readonly drop_reason?: number;
  readonly redirect?: VectorEvent;
  readonly tunnel_key?: VectorEvent;
  readonly tunnel_opt?: VectorEvent;
  /** What differs from the file's profile, by any of these names. */
  readonly profile?: Profile;
  readonly options?: Profile;
  readonly config?: Profile;
  readonly variant?: Profile;
}

/** A frame injected into a real device, and what came of it. */
export interface KernelVector {
  readonly id: string;
  readonly desc: string;
  readonly injected_at: string;
  readonly in_hex: string;
  readonly captured: readonly CapturedFrame[];
  readonly events: readonly VectorEvent[];
}

export interface CapturedFrame {
  readonly at: string;
  readonly hex: string;
}

export interface KernelVectorFile {
  readonly title: string;
  readonly profile: Profile;
  readonly vectors: readonly KernelVector[];
}

/** A notification (`event`) or a call of a kernel helper (`helper`). */
export type VectorEvent = Readonly<Record<string, unknown>>;

export interface MapChange {
  readonly map: string;
  readonly change: 'create' | 'update' | 'delete';
  readonly key?: Readonly<Record<string, unknown>>;
  readonly value?: Readonly<Record<string, unknown>> | null;
  readonly key_hex: string;
  readonly value_hex?: string | null;
}

export type Profile = Readonly<Record<string, unknown>>;

export interface VectorFile {
  readonly title: string;
  readonly profile: Profile;
  readonly vectors: readonly Vector[];
}

export interface Topology {
  readonly devices: Readonly<Record<string, number>>;
  readonly macs: Readonly<Record<string, string | readonly string[]>>;
  readonly endpoints: Readonly<Record<string, {ip: string; ip6: string; ifx: number; ep: number; id: number}>>;
  readonly settings: {
    readonly nodeport_range: readonly [number, number];
    readonly service_loopback_ipv4: string;
    readonly masquerade_exclusion_cidr: string;
    readonly source_ip_verification: boolean;
    readonly maglev_table_size: number;
    readonly ct_lifetimes_s: Readonly<Record<string, number>>;
    readonly [key: string]: unknown;
  };
  readonly nodes: Readonly<Record<string, TopologyNode>>;
}

export interface TopologyNode {
  readonly cilium_lxc: readonly {
    addr: string;
    ifindex: number;
    endpoint_id: number;
    flags: number;
    mac: string;
    node_mac: string;
    sec_id: number;
  }[];
  readonly cilium_ipcache_v2: readonly {
    prefix: string;
    identity: number;
    tunnel_endpoint: string | null;
    flag_skip_tunnel: number;
    flag_has_tunnel_ep: number;
  }[];
  readonly services: readonly {
    vip: string;
    port: number;
    slot: number;
    proto: number;
    scope: number;
    backend_id_or_alg: number;
    count: number;
    rev_nat_index: number;
    flags: number;
    flags2: number;
  }[];
  readonly backends: readonly {id: number; addr: string; port: number}[];
}

/** One compared field of one vector. */
export interface Difference {
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}
