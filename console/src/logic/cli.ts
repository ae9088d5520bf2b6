// The command that does the same with AWS's own command line.

/** A word for a POSIX shell. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

export function command(operation: string, region: string, options: Record<string, string | string[]>): string {
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, ...[value].flat().map(quoted)]);
  return ["aws", "guardduty", operation, "--region", quoted(region), ...words].join(" ");
}
