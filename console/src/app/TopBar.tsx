import TopNavigation from "@cloudscape-design/components/top-navigation";
import { useSession } from "../session/SessionContext";
import { forgetClients } from "../api/client";
import { useFlash } from "./flash";
import { ALL, regionName, useScope } from "./region";
import { follow, href } from "./router";
import type { Theme } from "./theme";

interface Props {
  theme: Theme;
  onTheme: (theme: Theme) => void;
  onHelp: () => void;
}

const THEMES: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

export function TopBar({ theme, onTheme, onHelp }: Props) {
  const { session, leave } = useSession();
  const { region, choose } = useScope();
  const { fail } = useFlash();
  const named = new Set([region, ...session.detectors.map((one) => one.region)]);
  named.delete(ALL);
  const regions = [ALL, ...[...named].sort()];
  const has = (one: string) => session.detectors.some((detector) => detector.region === one);
  return (
    <TopNavigation
      identity={{ href: href([], `?in=${region}`), title: "Picquet", onFollow: follow }}
      utilities={[
        {
          type: "menu-dropdown",
          text: regionName(region),
          title: "Region",
          ariaLabel: `Region: ${regionName(region)}`,
          items: regions.map((one) => ({ id: one, text: regionName(one), description: one === ALL || has(one) ? undefined : "no detector" })),
          onItemClick: ({ detail }) => choose(detail.id),
        },
        {
          type: "menu-dropdown",
          iconName: "settings",
          ariaLabel: "Appearance",
          title: "Appearance",
          items: (Object.keys(THEMES) as Theme[]).map((id) => ({
            id,
            text: THEMES[id],
            iconName: id === theme ? "check" : undefined,
          })),
          onItemClick: ({ detail }) => onTheme(detail.id as Theme),
        },
        { type: "button", iconName: "status-info", ariaLabel: "Help and keys", title: "Help and keys", onClick: onHelp },
        {
          type: "menu-dropdown",
          text: session.userName,
          description: `Account ${session.accountId}, ${session.policy}`,
          iconName: "user-profile",
          items: [{ id: "out", text: "Sign out" }],
          onItemClick: () => {
            forgetClients();
            leave().catch((error: unknown) => fail("Signing out failed", error));
          },
        },
      ]}
      i18nStrings={{ overflowMenuTriggerText: "More", overflowMenuTitleText: "All", searchIconAriaLabel: "Search" }}
    />
  );
}
