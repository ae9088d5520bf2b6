// The region that is looked at, or all of them: of the address, else the last one, else all that have a detector.
import { createContext, useContext, useEffect, useMemo, type ReactNode } from "react";
import type { GuardDutyClient } from "@aws-sdk/client-guardduty";
import { clientOf } from "../api/client";
import type { Place } from "../api/places";
import { value, withValue } from "../logic/words";
import { useSession } from "../session/SessionContext";
import { go, usePlace } from "./router";

const KEY = "picquet-region";
/** The word of the address for all regions; no region of AWS is called so. */
export const ALL = "all";

/** What a person calls it. */
export const regionName = (region: string): string => (region === ALL ? "All regions" : region);

export interface Scope {
  /** A region, or `ALL`. */
  region: string;
  all: boolean;
  /** The detectors that are looked at: one, or those of all regions. */
  places: readonly Place[];
  /** None when the region has no detector. */
  detectorId?: string;
  enabled: boolean;
  client: GuardDutyClient;
  choose: (region: string) => void;
}

const Context = createContext<Scope | undefined>(undefined);

export function RegionProvider({ children }: { children: ReactNode }) {
  const { session } = useSession();
  const { search } = usePlace();
  const asked = value(search, "in");
  const known = session.detectors;
  const last = window.localStorage.getItem(KEY);
  const remembered = last === ALL || known.some((one) => one.region === last) ? last : undefined;
  const usual = known.length > 1 ? ALL : known[0]?.region;
  const region = asked ?? remembered ?? usual ?? "us-east-1";
  useEffect(() => window.localStorage.setItem(KEY, region), [region]);
  const scope = useMemo<Scope>(() => {
    const all = region === ALL;
    const detector = known.find((one) => one.region === region);
    const looked = all ? known : detector ? [detector] : [];
    return {
      region,
      all,
      places: looked.map((one) => ({ region: one.region, detectorId: one.detectorId, client: clientOf(one.region) })),
      detectorId: detector?.detectorId,
      enabled: detector?.enabled ?? false,
      client: clientOf(all ? (known[0]?.region ?? "us-east-1") : region),
      choose: (to) => go(window.location.pathname + withValue(window.location.search, "in", to)),
    };
  }, [region, known]);
  return <Context value={scope}>{children}</Context>;
}

export function useScope(): Scope {
  const scope = useContext(Context);
  if (!scope) throw new Error("useScope outside of its provider");
  return scope;
}

/** One region of all, for what is about a finding of it. */
export function Within({ region, children }: { region: string; children: ReactNode }) {
  const { session } = useSession();
  const scope = useScope();
  const inside = useMemo<Scope>(() => {
    const { detectorId, enabled = false } = session.detectors.find((one) => one.region === region) ?? {};
    const client = clientOf(region);
    return { ...scope, region, all: false, places: detectorId ? [{ region, detectorId, client }] : [], detectorId, enabled, client };
  }, [scope, region, session]);
  return <Context value={inside}>{children}</Context>;
}

/** The scope of a page that is only shown where there is a detector. */
export function useDetector(): Scope & { detectorId: string } {
  const scope = useScope();
  if (!scope.detectorId) throw new Error(`There is no detector in ${scope.region}.`);
  return scope as Scope & { detectorId: string };
}
