// What is asked about addresses, names and access keys, and what is known of them.

/** A list that a value is on. */
export interface Hit {
  list: string;
  category: string;
  threat?: string | null;
  port?: number | null;
  /** What the list says: the value, or what it is part of. */
  entry?: string | null;
}

/** Where an address is. */
interface Remote {
  country?: { countryName?: string; countryCode?: string };
  city?: { cityName?: string };
  organization?: { asn?: string; asnOrg?: string; org?: string; isp?: string };
}

/** What the server knows of a value. */
export interface Known {
  value: string;
  kind: string;
  trusted: boolean;
  hits: Hit[];
  remote?: Remote | null;
}

/** The server takes so many values, each of so many bytes. */
export const MOST_VALUES = 100;
const MOST_BYTES = 256;

/** Reports write indicators so that nothing makes a link of them: hxxp://evil[.]example/a is evil.example. */
function indicator(word: string): string {
  const plain = word.replaceAll(/[[({]([.:@]|dot)[\])}]/gi, (_, mark: string) => (mark.toLowerCase() === "dot" ? "." : mark));
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(plain)?.[1] ?? plain;
  return host.replace(/^\[(.*)\]$/, "$1");
}

/** The values of a text, each once: between them are commas, lines or spaces. */
export function valuesOf(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).map(indicator).filter(Boolean))];
}

/** Why values cannot be looked up. */
export function valuesFault(values: readonly string[]): string | undefined {
  if (values.length > MOST_VALUES) return `These are ${values.length.toLocaleString("en")} values: at most ${MOST_VALUES} are looked up at a time.`;
  const bytes = new TextEncoder();
  if (values.some((value) => bytes.encode(value).length > MOST_BYTES)) return `A value has at most ${MOST_BYTES} bytes.`;
  const network = values.find((value) => /^[\d.]+\/\d+$|^[\da-f:.]*:[\da-f:.]*\/\d+$/i.test(value));
  return network && `${network} is a network: look up an address of it.`;
}

const KINDS: Record<string, string> = { ip: "Address", domain: "Name", "access-key": "Access key" };

export const kindOfValue = (kind: string): string => (Object.hasOwn(KINDS, kind) ? (KINDS[kind] ?? kind) : kind);

/** City and country. */
export function placeName(remote: Remote | null | undefined): string {
  return [remote?.city?.cityName, remote?.country?.countryName ?? remote?.country?.countryCode].filter(Boolean).join(", ");
}

/** Who runs the network: "AS64500 Example". */
export function networkName(remote: Remote | null | undefined): string {
  const { asn, asnOrg, org, isp } = remote?.organization ?? {};
  const number = asn && (/^\d+$/.test(asn) ? `AS${asn}` : asn);
  return [number, asnOrg ?? org ?? isp].filter(Boolean).join(" ");
}

/** What more a list says: a threat, a port, and the entry when it is not the value itself. */
export function hitWords({ threat, port, entry }: Hit, value: string): string {
  return [threat, typeof port === "number" && `port ${port}`, entry && entry !== value && `as ${entry}`].filter(Boolean).join(", ");
}
