// The pages: each is fetched when it is first shown.
import { lazy, type ComponentType } from "react";

export interface Page {
  name: string;
  /** The first part of its path. */
  path: string;
  section: "Detect" | "Tune" | "Coverage" | "Administer";
  show: ComponentType;
  /** Whether it is of use in a region without a detector. */
  anywhere?: boolean;
}

export const Finding = lazy(() => import("../findings/FindingPage"));
export const NotFound = lazy(() => import("./NotFound"));

export const PAGES: readonly Page[] = [
  { name: "Summary", path: "", section: "Detect", show: lazy(() => import("../pages/Summary")) },
  { name: "Findings", path: "findings", section: "Detect", show: lazy(() => import("../findings/FindingsPage")) },
  { name: "Investigations", path: "investigations", section: "Detect", show: lazy(() => import("../pages/Investigations")) },
  { name: "Suppression rules", path: "rules", section: "Tune", show: lazy(() => import("../pages/Rules")) },
  { name: "Lists", path: "lists", section: "Tune", show: lazy(() => import("../pages/Lists")) },
  { name: "Custom detections", path: "detections", section: "Tune", show: lazy(() => import("../pages/Detections")) },
  { name: "Sources and coverage", path: "coverage", section: "Coverage", show: lazy(() => import("../pages/Coverage")) },
  { name: "Accounts and regions", path: "accounts", section: "Coverage", show: lazy(() => import("../pages/Accounts")), anywhere: true },
  { name: "Usage and cost", path: "usage", section: "Coverage", show: lazy(() => import("../pages/Usage")) },
  { name: "Settings", path: "settings", section: "Administer", show: lazy(() => import("../pages/Settings")), anywhere: true },
];
