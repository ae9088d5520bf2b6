// Light or dark: as the system has it, until somebody chooses.
import { applyMode, Mode } from "@cloudscape-design/global-styles";
import { useEffect, useState } from "react";

const KEY = "picquet-theme";
export type Theme = "system" | "light" | "dark";

function stored(): Theme {
  const value = window.localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "system";
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(stored);
  useEffect(() => {
    const system = window.matchMedia("(prefers-color-scheme: dark)");
    const apply = () => applyMode(theme === "dark" || (theme === "system" && system.matches) ? Mode.Dark : Mode.Light);
    apply();
    system.addEventListener("change", apply);
    window.localStorage.setItem(KEY, theme);
    return () => system.removeEventListener("change", apply);
  }, [theme]);
  return [theme, setTheme];
}
