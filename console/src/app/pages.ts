// The pages: each is fetched when it is first shown.
import { lazy, type ComponentType } from "react";

export interface Page {
  name: string;
  /** The first part of its path. */
  path: string;
  section: "Detect" | "Tune" | "Coverage" | "Administer";
  show: ComponentType;
  /** Fetches it. */
  load: () => Promise<unknown>;
  /** Whether it is of use in a region without a detector. */
  anywhere?: boolean;
  /** Whether it shows all regions at once. */
  everyRegion?: boolean;
  /** So many parts may follow in its path. */
  below?: number;
}

const fetched = (load: () => Promise<{ default: ComponentType }>) => ({ show: lazy(load), load });

const finding = fetched(() => import("../findings/FindingPage"));
export const Finding = finding.show;
export const NotFound = lazy(() => import("./NotFound"));

export const PAGES: readonly Page[] = [
  { name: "Summary", path: "", section: "Detect", ...fetched(() => import("../pages/Summary")), everyRegion: true },
  { name: "Findings", path: "findings", section: "Detect", ...fetched(() => import("../findings/FindingsPage")), everyRegion: true, below: 1 },
  { name: "Investigations", path: "investigations", section: "Detect", ...fetched(() => import("../pages/Investigations")), below: 1 },
  { name: "Hunts", path: "hunts", section: "Detect", ...fetched(() => import("../hunts/HuntsPage")), anywhere: true, everyRegion: true, below: 2 },
  { name: "Suppression rules", path: "rules", section: "Tune", ...fetched(() => import("../pages/Rules")) },
  { name: "Lists", path: "lists", section: "Tune", ...fetched(() => import("../pages/Lists")) },
  { name: "Custom detections", path: "detections", section: "Tune", ...fetched(() => import("../pages/Detections")) },
  { name: "Sources and coverage", path: "coverage", section: "Coverage", ...fetched(() => import("../pages/Coverage")) },
  { name: "Accounts and regions", path: "accounts", section: "Coverage", ...fetched(() => import("../pages/Accounts")), anywhere: true, everyRegion: true },
  { name: "Usage and cost", path: "usage", section: "Coverage", ...fetched(() => import("../pages/Usage")) },
  { name: "Settings", path: "settings", section: "Administer", ...fetched(() => import("../pages/Settings")), anywhere: true },
];

/** Fetches the page of an address while the session is still asked for. */
export function preload(pathname: string): void {
  const [first = "", second] = pathname.split("/").slice(2);
  const page = first === "findings" && second ? finding : PAGES.find(({ path }) => path === first);
  // A failure is told when the page is shown.
  page?.load().catch(() => undefined);
}
