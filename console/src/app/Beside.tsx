// The shell's panel: fetched when a page first shows something beside its content.
import { I18nProvider } from "@cloudscape-design/components/i18n";
import SplitPanel from "@cloudscape-design/components/split-panel";
import messages from "virtual:messages/findings";

export default function Beside({ title, onHost }: { title: string; onHost: (host: HTMLElement | null) => void }) {
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <SplitPanel header={title} closeBehavior="hide" hidePreferencesButton>
        <div ref={onHost} />
      </SplitPanel>
    </I18nProvider>
  );
}
