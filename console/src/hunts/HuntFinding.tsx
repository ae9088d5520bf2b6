import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useScope, Within } from "../app/region";
import { InPanel } from "../app/panel";
import { useKeys } from "../app/keys";
import { follow, go, href } from "../app/router";
import { findingOf, foundBy } from "../api/hunts";
import { useQuery } from "../api/useQuery";
import { FindingBrief } from "../findings/FindingBrief";
import { FindingView } from "../findings/FindingView";
import { Raw } from "../findings/Raw";
import type { Found } from "../logic/hunts";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Text } from "../shared/Text";
import { Standing } from "./Standing";

interface Props {
  hunt: string;
  found: Found;
  onClose: () => void;
}

/** A finding of a hunt beside the list of them. */
export function HuntFindingBeside({ hunt, found, onClose }: Props) {
  const { client, region } = useScope();
  const query = useQuery(`${hunt}/${found.id}`, (signal) => findingOf(client, hunt, found.id, signal));
  useKeys({ Escape: onClose });
  return (
    <InPanel title="Finding of the hunt" onClose={onClose}>
      <Loaded query={query} what="the finding">
        {(finding) => (
          <SpaceBetween size="m">
            <FindingBrief finding={finding} standing={<Standing found={found} />} />
            <Link href={href(["hunts", hunt, found.id], `?in=${region}`)} onFollow={follow}>All about this finding</Link>
            <ExpandableSection headerText="Raw JSON"><Raw value={finding} /></ExpandableSection>
          </SpaceBetween>
        )}
      </Loaded>
    </InPanel>
  );
}

/** A finding of a hunt, at an address of its own. */
export function HuntFindingPage({ hunt, id }: { hunt: string; id: string }) {
  const { client, region } = useScope();
  const back = href(["hunts", hunt], `?in=${region}`);
  const query = useQuery(`${hunt}/${id}`, async (signal) => {
    const [finding, { findings }] = await Promise.all([findingOf(client, hunt, id, signal), foundBy(client, hunt, signal)]);
    return { finding, found: findings.find((one) => one.id === id) };
  });
  useKeys({ Escape: () => go(back) });
  const finding = query.data?.finding;
  return (
    <PageLayout title="Finding of a hunt" description={finding && <Text plain>{finding.Title}</Text>} actions={<Button href={back} onFollow={follow}>The hunt</Button>}>
      <Loaded query={query} what="the finding">
        {({ finding: one, found }) => (
          <Within region={one.Region ?? region}>
            <FindingView finding={one} standing={found ? <Standing found={found} /> : <Box>Not known</Box>} />
          </Within>
        )}
      </Loaded>
    </PageLayout>
  );
}
