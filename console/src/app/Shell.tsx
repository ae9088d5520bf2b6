import AppLayout from "@cloudscape-design/components/app-layout";
import Flashbar from "@cloudscape-design/components/flashbar";
import { lazy, Suspense, useEffect, useState } from "react";
import { useNarrow } from "../shared/useNarrow";
import { Content } from "./Content";
import { Help } from "./Help";
import { Navigation } from "./Navigation";
import { TopBar } from "./TopBar";
import { useFlash } from "./flash";
import { useKeys } from "./keys";
import { usePanel } from "./panel";
import { useScope } from "./region";
import { go, href } from "./router";
import type { Theme } from "./theme";

const Beside = lazy(() => import("./Beside"));
const SIZE_KEY = "picquet-panel-size";
/** The panel is as wide at first, in pixels: a summary's columns fit, and a list beside it at 1280. */
const SIZE = 420;

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
  const { panel, setHost } = usePanel();
  const [size, setSize] = useState(() => Number(window.localStorage.getItem(SIZE_KEY)) || SIZE);
  const { region } = useScope();
  const to = (path: string) => () => go(href(path ? [path] : [], `?in=${region}`));
  useKeys({
    "?": () => setHelp((open) => !open),
    "g s": to(""),
    "g f": to("findings"),
    "g h": to("hunts"),
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
        navigationWidth={232}
        navigationOpen={navigation}
        onNavigationChange={({ detail }) => setNavigation(detail.open)}
        notifications={<Flashbar items={items} stackItems />}
        stickyNotifications
        tools={<Help />}
        toolsHide={!help}
        toolsOpen={help}
        onToolsChange={({ detail }) => setHelp(detail.open)}
        splitPanel={panel && <Suspense fallback={null}><Beside title={panel.title} onHost={setHost} /></Suspense>}
        splitPanelOpen={panel !== undefined}
        splitPanelPreferences={{ position: "side" }}
        splitPanelSize={size}
        onSplitPanelResize={({ detail }) => {
          setSize(detail.size);
          window.localStorage.setItem(SIZE_KEY, String(Math.round(detail.size)));
        }}
        onSplitPanelToggle={({ detail }) => detail.open || panel?.close()}
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
