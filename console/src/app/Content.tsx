import Box from "@cloudscape-design/components/box";
import Spinner from "@cloudscape-design/components/spinner";
import { Suspense, useEffect } from "react";
import { ChooseRegion } from "./ChooseRegion";
import { ErrorBoundary } from "./ErrorBoundary";
import { NoDetector } from "./NoDetector";
import { Finding, NotFound, PAGES } from "./pages";
import { useScope } from "./region";
import { usePlace } from "./router";

/** The page of the address. */
export function Content() {
  const { parts, search } = usePlace();
  const { region, all, places } = useScope();
  const [first = "", second] = parts;
  const page = PAGES.find(({ path }) => path === first);
  const isFinding = first === "findings" && second !== undefined;
  const known = page && parts.length <= 1 + (page.below ?? 0);
  const name = known ? (isFinding ? "Finding" : page.name) : "Not found";
  useEffect(() => {
    document.title = `${name} - Picquet`;
  }, [name]);
  const Show = known ? (isFinding ? Finding : page.show) : NotFound;
  return (
    <ErrorBoundary place={parts.join("/") + search}>
      <Suspense fallback={<Box textAlign="center" padding="xxl"><Spinner size="large" /></Box>}>
        {known && all && (!page.everyRegion || isFinding || (places.length === 0 && !page.anywhere)) ? (
          <ChooseRegion name={name} />
        ) : known && !page.anywhere && places.length === 0 ? (
          <NoDetector />
        ) : (
          <Show key={`${region}/${isFinding ? second : ""}`} />
        )}
      </Suspense>
    </ErrorBoundary>
  );
}
