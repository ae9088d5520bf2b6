import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Spinner from "@cloudscape-design/components/spinner";
import { forgetClients } from "../api/client";
import { SessionProvider, useStart } from "../session/SessionContext";
import { SignIn } from "../session/SignIn";
import { Shell } from "./Shell";
import { FlashProvider } from "./flash";
import { PanelProvider } from "./panel";
import { RegionProvider } from "./region";
import { useTheme } from "./theme";

export function App() {
  const [theme, setTheme] = useTheme();
  const [state, setState, ask] = useStart();
  switch (state.at) {
    case "asking":
      return <Box textAlign="center" padding="xxxl"><Spinner size="large" /></Box>;
    case "failed":
      return (
        <main className="sign-in">
          <Alert type="error" header="The console cannot start" action={<Button onClick={ask}>Try again</Button>}>{state.why}</Alert>
        </main>
      );
    case "out":
      return (
        <SignIn
          why={state.why}
          onSession={(session) => {
            forgetClients();
            setState({ at: "in", session });
          }}
        />
      );
    case "in":
      return (
        <SessionProvider session={state.session} onState={setState}>
          <FlashProvider>
            <RegionProvider>
              <PanelProvider>
                <Shell theme={theme} onTheme={setTheme} />
              </PanelProvider>
            </RegionProvider>
          </FlashProvider>
        </SessionProvider>
      );
  }
}
