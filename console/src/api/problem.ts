// What went wrong, as a person needs it: AWS's name of the error, one sentence, and what to quote when asking for help.
import { SignedOut } from "../session/session";

export interface Problem {
  kind: "signed-out" | "denied" | "offline" | "throttled" | "failed";
  name: string;
  message: string;
  requestId?: string;
}

interface AwsError {
  name?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number; requestId?: string };
}

/** Names that say that the keys are not valid any more. */
const SESSION_OVER = ["ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId"];

export function problem(error: unknown): Problem {
  const { name = "Error", message = String(error), $metadata } = (error ?? {}) as AwsError;
  const told = { name, message, requestId: $metadata?.requestId };
  if (error instanceof SignedOut || SESSION_OVER.includes(name)) return { ...told, kind: "signed-out" };
  if (name === "AccessDeniedException") return { ...told, kind: "denied" };
  if (name === "ThrottlingException" || $metadata?.httpStatusCode === 429) return { ...told, kind: "throttled" };
  // The SDK adds how often it tried, but there was no answer.
  if (error instanceof TypeError && $metadata?.httpStatusCode === undefined) {
    return { kind: "offline", name: "Offline", message: "The server cannot be reached." };
  }
  return { ...told, kind: "failed" };
}
