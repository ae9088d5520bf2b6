import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";
import type { Query } from "../api/useQuery";
import { ProblemAlert } from "./ProblemAlert";

interface Props<T> {
  query: Query<T>;
  /** What is shown, for messages: "the findings". */
  what: string;
  children: (data: T) => ReactNode;
}

/** An answer with its states: waiting, waiting long, failed (with what was there before), there. */
export function Loaded<T>({ query, what, children }: Props<T>) {
  const { data, problem, loading, slow, reload } = query;
  return (
    <SpaceBetween size="s">
      {problem && <ProblemAlert problem={problem} what={what} onRetry={reload} />}
      {slow && <StatusIndicator type="in-progress">Still waiting for {what}: the server is busy or there is much to count.</StatusIndicator>}
      {data === undefined && loading && (
        <Box textAlign="center" padding="l"><Spinner /> <Box variant="span" color="text-body-secondary">Loading {what}</Box></Box>
      )}
      {data !== undefined && children(data)}
    </SpaceBetween>
  );
}
