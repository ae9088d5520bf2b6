import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { Problem } from "../api/problem";
import { visible } from "../logic/visible";

interface Props {
  problem: Problem;
  what: string;
  onRetry: () => void;
}

/** What could not be done and why, in the server's words, with what to do next. */
export function ProblemAlert({ problem, what, onRetry }: Props) {
  if (problem.kind === "denied") {
    return (
      <Alert type="warning" header={`You may not see ${what}`}>
        Your user's policy does not allow it. Ask an administrator of Picquet if you need it. ({visible(problem.message)})
      </Alert>
    );
  }
  if (problem.kind === "offline") {
    return (
      <Alert type="error" header="The server cannot be reached" action={<Button onClick={onRetry}>Try again</Button>}>
        Look whether you are connected, and whether <code>picquet serve</code> runs.
      </Alert>
    );
  }
  return (
    <Alert type="error" header={`Cannot show ${what}`} action={<Button onClick={onRetry}>Try again</Button>}>
      {visible(problem.message)} ({problem.name}
      {problem.requestId && `, request ${problem.requestId}`})
    </Alert>
  );
}
