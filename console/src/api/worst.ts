// The most severe findings that are real. Titles are no attribute that the server searches, so samples are told apart here.
import type { Finding, FindingCriteria } from "@aws-sdk/client-guardduty";
import { isSample } from "../logic/worst";
import { findingsOf, type Cursor, type Fault, type Place } from "./places";

/** So many are fetched at a time, and so many times where samples fill the pages. */
const SOME = 9;
const TIMES = 4;
/** So many that are real are enough to go by. */
const ENOUGH = 3;

export async function worstOf(places: readonly Place[], criteria: FindingCriteria, signal: AbortSignal): Promise<{ findings: Finding[]; faults: Fault[] }> {
  const findings: Finding[] = [];
  const faults: Fault[] = [];
  let cursor: Cursor[] | undefined;
  for (let time = 0; time < TIMES; time += 1) {
    const page = await findingsOf(places, { criteria, sort: "severity", descending: true }, cursor, signal, SOME);
    findings.push(...page.findings.filter((finding) => !isSample(finding)));
    faults.push(...page.faults);
    cursor = page.next;
    if (!cursor || findings.length >= ENOUGH) break;
  }
  return { findings, faults };
}
