/** A dissector behind all others: what a tunnel's frame says about the pods at its ends. */
import type {Cluster} from '../../cluster/model.js';

/**
 * Adds `wirelay.identity`, labels of the identity that the VNI is, and the addresses behind the tunnel's header. Identities are numbers
 * of one cluster; with a fixed VNI they are not on the wire.
 */
export function luaPlugin({identities, cilium}: Cluster): string {
  const known = cilium.fixedVni === undefined ? identities : [];
  const rows = known.map(({id, labels}) => `  [${id}] = ${luaString(shortLabels(labels))},\n`);
  return `-- Written by \`wirelay wireshark install\`
local identities = {
${rows.join('')}}
local proto = Proto("wirelay", "Overlay, as wirelay knows it")
local identity = ProtoField.string("wirelay.identity", "Labels of the source's identity")
local source = ProtoField.string("wirelay.inner.src", "Inner source")
local destination = ProtoField.string("wirelay.inner.dst", "Inner destination")
proto.fields = {identity, source, destination}
local vnis = {Field.new("geneve.vni"), Field.new("vxlan.vni")}
local sources = {Field.new("ip.src"), Field.new("ipv6.src")}
local destinations = {Field.new("ip.dst"), Field.new("ipv6.dst")}

local function first(fields, offset)
  local found
  for _, field in ipairs(fields) do
    for _, one in ipairs({field()}) do
      if one.offset > offset and (not found or one.offset < found.offset) then found = one end
    end
  end
  return found
end

function proto.dissector(_, _, tree)
  local vni = first(vnis, -1)
  if not vni then return end
  local branch = tree:add(proto)
  local labels = identities[vni.value]
  if labels then branch:add(identity, labels) end
  local from, to = first(sources, vni.offset), first(destinations, vni.offset)
  if from then branch:add(source, tostring(from.value)) end
  if to then branch:add(destination, tostring(to.value)) end
end
register_postdissector(proto)
`;
}

/** Without those that Cilium derives from the namespace and the cluster; `app=client (default)`. */
function shortLabels(labels: readonly string[]): string {
  const namespace = labels.find((label) => label.startsWith(NAMESPACE))?.slice(NAMESPACE.length);
  const own = labels.filter((label) => !label.startsWith('k8s:io.cilium.k8s.') && !label.startsWith(NAMESPACE));
  const text = own.map((label) => label.replace(/^k8s:/, '')).join(' ');
  return namespace === undefined ? text : `${text} (${namespace})`.trimStart();
}

const NAMESPACE = 'k8s:io.kubernetes.pod.namespace=';
const encoder = new TextEncoder();

/** Anything but printable ASCII as a decimal escape. */
function luaString(text: string): string {
  const bytes = Array.from(encoder.encode(text), (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
      ? `\\${String(byte).padStart(3, '0')}`
      : String.fromCharCode(byte),
  );
  return `"${bytes.join('')}"`;
}
