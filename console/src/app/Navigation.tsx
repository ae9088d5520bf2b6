import SideNavigation, { type SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import { PAGES, type Page } from "./pages";
import { useScope } from "./region";
import { follow, href, usePlace } from "./router";

const SECTIONS: Page["section"][] = ["Detect", "Tune", "Coverage", "Administer"];

export function Navigation() {
  const { region } = useScope();
  const { parts } = usePlace();
  const to = (path: string) => href(path ? [path] : [], `?in=${region}`);
  const items = SECTIONS.map((section): SideNavigationProps.Item => ({
    type: "section",
    text: section,
    items: PAGES.filter((page) => page.section === section).map((page) => ({ type: "link", text: page.name, href: to(page.path) })),
  }));
  return (
    <SideNavigation activeHref={to(parts[0] ?? "")} items={items} onFollow={follow} />
  );
}
