/** What is said of an export: how many findings, and which are missing. */
export function exported(wanted: number, written: number, more: boolean, most: number): { type: "success" | "warning"; text: string } {
  const number = (n: number) => n.toLocaleString("en");
  const sentences = [`${number(written)} ${written === 1 ? "finding was" : "findings were"} exported.`];
  if (written < wanted) sentences.push(`${number(wanted - written)} not: gone meanwhile, or not to be written in this format.`);
  if (more) sentences.push(`There are more: an export has at most ${number(most)}. Narrow the filter for the others.`);
  return { type: sentences.length > 1 ? "warning" : "success", text: sentences.join(" ") };
}
