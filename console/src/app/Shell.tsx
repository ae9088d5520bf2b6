import AppLayout from "@cloudscape-design/components/app-layout";
import Flashbar from "@cloudscape-design/components/flashbar";
import { useEffect, useState } from "react";
import { useNarrow } from "../shared/useNarrow";
import { Content } from "./Content";
import { Help } from "./Help";
import { Navigation } from "./Navigation";
import { TopBar } from "./TopBar";
import { useFlash } from "./flash";
import { useKeys } from "./keys";
import { useScope } from "./region";
import { go, href } from "./router";
import type { Theme } from "./theme";

interface Props {
  theme: Theme;
  onTheme: (theme: Theme) => void;
}

export function Shell({ theme, onTheme }: Props) {
  const [help, setHelp] = useState(false);
  const [navigation, setNavigation] = useState(() => window.innerWidth > 1000);
  const narrow = useNarrow();
  // Cloudscape says the orientation of its narrow toolbar, which is a <nav>, and navs have none (WAI-ARIA 1.2).
  useEffect(() => document.querySelectorAll("nav[aria-orientation]").forEach((nav) => nav.removeAttribute("aria-orientation")), [narrow, navigation, help]);
  const { items } = useFlash();
  const { region } = useScope();
  const to = (path: string) => () => go(href(path ? [path] : [], `?in=${region}`));
  useKeys({
    "?": () => setHelp((open) => !open),
    "g s": to(""),
    "g f": to("findings"),
    "g l": to("lists"),
    "g r": to("rules"),
  });
  return (
    <>
      <a className="skip" href="#content" onClick={(event) => { event.preventDefault(); document.getElementById("content")?.focus(); }}>
        Skip to the content
      </a>
      <div id="top"><TopBar theme={theme} onTheme={onTheme} onHelp={() => setHelp((open) => !open)} /></div>
      <AppLayout
        headerSelector="#top"
        navigation={<Navigation />}
        navigationOpen={navigation}
        onNavigationChange={({ detail }) => setNavigation(detail.open)}
        notifications={<Flashbar items={items} stackItems />}
        stickyNotifications
        tools={<Help />}
        toolsHide={!help}
        toolsOpen={help}
        onToolsChange={({ detail }) => setHelp(detail.open)}
        content={<div id="content" tabIndex={-1}><Content /></div>}
        ariaLabels={{
          navigation: "Pages",
          navigationClose: "Close pages",
          navigationToggle: "Open pages",
          notifications: "Messages",
          tools: "Help",
          toolsClose: "Close help",
          toolsToggle: "Open help",
        }}
      />
    </>
  );
}
