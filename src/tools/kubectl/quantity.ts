/** resource.Quantity of k8s.io/apimachinery: `100m`, `2Gi`. */
const units: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Undefined for what is none. */
export function parseQuantity(text: string): number | undefined {
  const [, number, unit = ''] =
    /^([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (units[unit] ?? 1);
}
