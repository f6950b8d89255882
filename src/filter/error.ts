/** A filter expression that libpcap refuses; `message` is libpcap's text, without a program name. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}
