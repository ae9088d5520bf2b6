import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import { withValue } from "../logic/words";
import { useScope } from "./region";
import { follow, usePlace } from "./router";

/** What a page of one region shows while all are looked at: a link for each. */
export function ChooseRegion({ name }: { name: string }) {
  const { places } = useScope();
  const { search } = usePlace();
  return (
    <ContentLayout header={<Header variant="h1" description="This page shows one region at a time">{name}</Header>}>
      <Container header={<Header variant="h2">Choose a region</Header>}>
        {places.length === 0 && <Box>No region has a detector. Choose one at the top, and create it there.</Box>}
        <ul className="regions">
          {places.map(({ region }) => (
            <li key={region}><Link href={window.location.pathname + withValue(search, "in", region)} onFollow={follow}>{region}</Link></li>
          ))}
        </ul>
      </Container>
    </ContentLayout>
  );
}
