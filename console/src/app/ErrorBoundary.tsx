import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { Component, type ReactNode } from "react";

interface Props {
  children: ReactNode;
  /** When it changes, the page is tried again. */
  place: string;
}

/** A page that fails leaves the rest of the console usable. */
export class ErrorBoundary extends Component<Props, { error?: Error; place?: string }> {
  override state: { error?: Error; place?: string } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: { error?: Error; place?: string }) {
    return props.place === state.place ? null : { place: props.place, error: undefined };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <Alert type="error" header="This page has failed" action={<Button onClick={() => window.location.reload()}>Load again</Button>}>
        {this.state.error.message || "No reason was given."}
      </Alert>
    );
  }
}
