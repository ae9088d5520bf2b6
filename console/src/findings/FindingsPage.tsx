import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { regionName, useScope } from "../app/region";
import { statisticsOf } from "../api/places";
import { useQuery } from "../api/useQuery";
import type { View } from "../logic/view";
import { visible } from "../logic/visible";
import { PageLayout } from "../shared/PageLayout";
import { FindingsTable } from "./FindingsTable";
import { SaveFilter } from "./SaveFilter";
import { useView } from "./useView";

/** Findings: what is filtered, sorted and shown is in the address, and done by the server. */
export default function FindingsPage() {
  const { places, region, all, enabled } = useScope();
  const { view, faults, change } = useView();
  const [saving, setSaving] = useState<"rule" | "filter">();
  const [saved, setSaved] = useState(0);
  const types = useQuery("types", async (signal) => {
    const { found } = await statisticsOf(places, {}, "FINDING_TYPE", { OrderBy: "DESC", MaxResults: 100 }, signal);
    return (found.GroupedByFindingType ?? []).flatMap((group) => group.FindingType ?? []);
  });
  const content = <FindingsTable view={view} change={change} types={types.data ?? []} onSave={setSaving} saved={saved} />;
  const label = { current: "Current", archived: "Archived", all: "All" };
  return (
    <PageLayout title="Findings" description={all ? regionName(region) : `Detector of ${region}${enabled ? "" : " (disabled)"}`}>
      <SpaceBetween size="s">
        {faults.length > 0 && (
          <Alert type="warning" header="Part of the address was not understood">
            {faults.map((fault) => <div key={fault}>{visible(fault)}</div>)}
          </Alert>
        )}
        <Tabs
          activeTabId={view.tab}
          onChange={({ detail }) => change({ tab: detail.activeTabId as View["tab"] })}
          ariaLabel="Which findings"
          tabs={(["current", "archived", "all"] as const).map((id) => ({ id, label: label[id], content: id === view.tab ? content : null }))}
        />
      </SpaceBetween>
      {saving && (
        <SaveFilter tokens={view.tokens} suppress={saving === "rule"} timed={view.range !== undefined} onClose={() => setSaving(undefined)} onSaved={() => setSaved((n) => n + 1)} />
      )}
    </PageLayout>
  );
}
