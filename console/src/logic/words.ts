// The query of an address as words that a person can read: ?in=eu-west-1&severity>=7&sort=-severity

/** `+` stays a plus: addresses are written by us and by people, not by forms. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a person may write as it is in a query; everything else is percent-encoded. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(3A|2F|3D|21|2C|3E|3C)/g, (code) => decodeURIComponent(code));
}

/** The words of a query, decoded. */
export function words(search: string): string[] {
  return search.replace(/^\?/, "").split("&").filter(Boolean).map(decode);
}

export function query(all: readonly string[]): string {
  return all.length ? `?${all.map(encode).join("&")}` : "";
}

/** One word's value, such as that of `in=eu-west-1`. */
export function value(search: string, name: string): string | undefined {
  return words(search)
    .find((word) => word.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** A query with a word set, or taken out. */
export function withValue(search: string, name: string, value: string | undefined): string {
  const others = words(search).filter((word) => !word.startsWith(`${name}=`));
  return query(value === undefined ? others : [`${name}=${value}`, ...others]);
}
