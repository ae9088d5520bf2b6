import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useDetector } from "../app/region";
import { useKeys } from "../app/keys";
import { go, href, usePlace } from "../app/router";
import { finding as get } from "../api/findings";
import { useQuery } from "../api/useQuery";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { Text } from "../shared/Text";
import { FindingView } from "./FindingView";
import { FindingActions } from "./FindingActions";
import { step } from "./steps";

/** One finding, at an address of its own. */
export default function FindingPage() {
  const place = useDetector();
  const { parts } = usePlace();
  const id = parts[1] ?? "";
  const query = useQuery(id, async (signal) => ({ found: await get(place, id, signal) }));
  const to = (by: 1 | -1) => {
    const other = step(id, by);
    if (other) go(href(["findings", other], `?in=${place.region}`));
  };
  const back = () => (step(id, 1) ?? step(id, -1) ? window.history.back() : go(href(["findings"], `?in=${place.region}`)));
  useKeys({ j: () => to(1), k: () => to(-1), Escape: back });
  const found = query.data?.found;
  return (
    <PageLayout
      title="Finding"
      description={found ? <Text plain>{found.Title}</Text> : undefined}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="angle-left" ariaLabel="Previous finding" disabled={!step(id, -1)} onClick={() => to(-1)} />
          <Button iconName="angle-right" ariaLabel="Next finding" disabled={!step(id, 1)} onClick={() => to(1)} />
          {found && <FindingActions finding={found} onChanged={query.reload} />}
        </SpaceBetween>
      }
    >
      <Loaded query={query} what="the finding">
        {({ found: one }) =>
          one ? (
            <FindingView finding={one} />
          ) : (
            <Container>
              <SpaceBetween size="s">
                <Box>
                  There is no finding <Text>{id}</Text> in {place.region}. It may be older than what is kept, or of another
                  region.
                </Box>
                <Button onClick={back}>All findings</Button>
              </SpaceBetween>
            </Container>
          )
        }
      </Loaded>
    </PageLayout>
  );
}
