// Hunts: begun, looked at, ended, and their findings taken into detectors.
import { Finding$, type Finding, type GuardDutyClient } from "@aws-sdk/client-guardduty";
import { MOST_PROMOTED, type Compared, type Hunt, type Hunts } from "../logic/hunts";
import { problem } from "./problem";
import { ask, statusCode } from "./signed";

/** What a hunt is to be. */
export interface NewHunt {
  name?: string;
  /** All when there are none. */
  sources?: string[];
  /** One's own when there are none. */
  accounts?: string[];
  since: string;
  /** Now when it is left out. */
  until?: string;
  learnDays?: number;
  settings?: string;
}

/** The hunts, or why this server has none. */
export type Told = Hunts | { none: string };

export async function huntsOf(client: GuardDutyClient, signal?: AbortSignal): Promise<Told> {
  try {
    return await ask<Hunts>(client, "hunts", { signal });
  } catch (error) {
    // Nothing is sent that could be wrong: what is refused is to hunt without sources.
    if (statusCode(error) === 400) return { none: problem(error).message };
    if (statusCode(error) === 404) return { none: "This server does not hunt: it is older than this page." };
    throw error;
  }
}

/** An id of an address may be anything. */
const at = (id: string, ...more: string[]): string => ["hunts", id, ...more].map(encodeURIComponent).join("/");

export const beginHunt = async (client: GuardDutyClient, hunt: NewHunt): Promise<Hunt> => (await ask<{ hunt: Hunt }>(client, "hunts", { body: hunt })).hunt;

/** A hunt; none when there is no such one. */
export async function huntOf(client: GuardDutyClient, id: string, signal?: AbortSignal): Promise<Hunt | undefined> {
  try {
    return (await ask<{ hunt: Hunt }>(client, at(id), { signal })).hunt;
  } catch (error) {
    if (statusCode(error) === 404 || problem(error).name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

export const cancelHunt = async (client: GuardDutyClient, id: string): Promise<Hunt> => (await ask<{ hunt: Hunt }>(client, at(id, "cancel"), { body: {} })).hunt;

export const removeHunt = (client: GuardDutyClient, id: string): Promise<object> => ask<object>(client, at(id), { method: "DELETE" });

export const foundBy = (client: GuardDutyClient, id: string, signal?: AbortSignal): Promise<Compared> => ask<Compared>(client, at(id, "findings"), { signal });

/** The part of the SDK's protocol that reads a shape. */
interface Protocol {
  getPayloadCodec(): { createDeserializer(): { read(shape: unknown, json: string): Promise<Finding> | Finding } };
}

/** One finding as a whole, read as the SDK reads those of detectors. */
export async function findingOf(client: GuardDutyClient, id: string, finding: string, signal?: AbortSignal): Promise<Finding> {
  const told = (await ask<{ finding: object }>(client, at(id, "findings", finding), { signal })).finding;
  const protocol = client.config.protocol as unknown as Protocol;
  return await protocol.getPayloadCodec().createDeserializer().read(Finding$, JSON.stringify(told));
}

export interface Promoted {
  promoted: string[];
  refused: { id: string; why: string }[];
}

/** Takes findings into their detectors. Those of earlier turns are there when a later one fails: the rest is told as refused. */
export async function promote(client: GuardDutyClient, id: string, ids: readonly string[]): Promise<Promoted> {
  const all: Promoted = { promoted: [], refused: [] };
  for (let from = 0; from < ids.length; from += MOST_PROMOTED) {
    try {
      const told = await ask<Promoted>(client, at(id, "promote"), { body: { findingIds: ids.slice(from, from + MOST_PROMOTED) } });
      all.promoted.push(...told.promoted);
      all.refused.push(...told.refused);
    } catch (error) {
      if (from === 0) throw error;
      all.refused.push(...ids.slice(from).map((one) => ({ id: one, why: problem(error).message })));
      break;
    }
  }
  return all;
}
