import Box from "@cloudscape-design/components/box";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import { follow, href } from "./router";

export default function NotFound() {
  return (
    <ContentLayout header={<Header variant="h1">There is no such page</Header>}>
      <Box>
        The address may be mistyped. <Link href={href([])} onFollow={follow}>Go to the summary</Link>
      </Box>
    </ContentLayout>
  );
}
