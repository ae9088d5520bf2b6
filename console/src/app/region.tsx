// The region that is looked at: of the address, else the last one, else the first that has a detector.
import { createContext, useContext, useEffect, useMemo, type ReactNode } from "react";
import type { GuardDutyClient } from "@aws-sdk/client-guardduty";
import { clientOf } from "../api/client";
import { value, withValue } from "../logic/address";
import { useSession } from "../session/SessionContext";
import { go, usePlace } from "./router";

const KEY = "picquet-region";

export interface Scope {
  region: string;
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
  const remembered = known.find((one) => one.region === window.localStorage.getItem(KEY));
  const region = asked ?? remembered?.region ?? known[0]?.region ?? "us-east-1";
  useEffect(() => window.localStorage.setItem(KEY, region), [region]);
  const scope = useMemo<Scope>(() => {
    const detector = known.find((one) => one.region === region);
    return {
      region,
      detectorId: detector?.detectorId,
      enabled: detector?.enabled ?? false,
      client: clientOf(region),
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

/** The scope of a page that is only shown where there is a detector. */
export function useDetector(): Scope & { detectorId: string } {
  const scope = useScope();
  if (!scope.detectorId) throw new Error(`There is no detector in ${scope.region}.`);
  return scope as Scope & { detectorId: string };
}
